"""How fast it is: each path measured in one run beside what the machine can do at that moment.

`python -m mumian.bench` measures in whatever database it is given; `mumian bench` gives it one of its own.
"""
