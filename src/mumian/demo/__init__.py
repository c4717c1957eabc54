"""The demo city: fictional, always the same, made by the program and brought to life by running the loop."""

from mumian.demo.accounts import Account
from mumian.demo.building import Stage, build
from mumian.demo.city import DemoCity
from mumian.demo.stories import Step, Story, matter_id

__all__ = ["Account", "DemoCity", "Stage", "Step", "Story", "build", "matter_id"]
