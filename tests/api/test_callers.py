"""Who a caller is: by token, by session, in which post; and what is refused."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from mumian.api.rates import Rate
from mumian.people.models import Person, Post, Token


@pytest.mark.parametrize("said", ["Bearer mm_wrong", "Bearer", "Basic YTpi", "mm_wrong"])
def test_a_token_that_is_not_valid_is_refused_even_where_anyone_may_ask(call, said):
    answer = call(Authorization=said).get("procedures")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"


def test_an_expired_token_is_refused(call, city):
    Token.objects.update(ends=timezone.now() - timedelta(seconds=1))
    assert call("officer").get("matters").status_code == 401


def test_a_token_ends_with_its_post_and_with_its_person(call, city):
    Post.objects.filter(pk=city.posts["officer"].pk).update(ends=date(2020, 1, 1))
    assert call("officer").get("matters").status_code == 401
    Person.objects.filter(posts=city.posts["worker"].pk).update(is_active=False)
    assert call("worker").get("matters").status_code == 401


def test_only_the_hash_of_a_token_is_kept(call, city):
    token = Token.objects.get(post=city.posts["officer"])
    assert bytes(token.hash) == hashlib.sha256(city.tokens["officer"].encode()).digest()


def test_a_token_acts_in_no_other_post(call, city):
    other = {"X-Post": str(city.posts["dispatcher"].pk)}
    assert call("officer").get("matters", headers=other).status_code == 403
    own = {"X-Post": str(city.posts["officer"].pk)}
    assert call("officer").get("matters", headers=own).status_code == 200


@pytest.fixture
def signed_in(city):
    """The dispatcher, signed in with a browser that has the CSRF cookie."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(Person.objects.get(posts=city.posts["dispatcher"].pk))
    client.cookies["csrftoken"] = "a" * 32
    return client


REPORT = {
    "procedure": "grid-event",
    "action": "report",
    "data": {"what": "路灯不亮", "where": {"place": "440103001"}},
}


def test_a_session_may_read(signed_in):
    assert signed_in.get("/api/v1/matters").status_code == 200


def test_a_session_may_write_only_with_the_csrf_token(signed_in):
    refused = signed_in.post("/api/v1/matters", REPORT, content_type="application/json")
    assert refused.status_code == 403
    done = signed_in.post(
        "/api/v1/matters", REPORT, content_type="application/json", headers={"X-CSRFToken": "a" * 32}
    )
    assert done.status_code == 201
    assert done.json()["link"] is None


def test_a_person_chooses_among_the_posts_he_holds(signed_in, city):
    holder = Person.objects.get(posts=city.posts["dispatcher"].pk)
    second = Post.objects.create(
        person=holder, role_id="dispatcher", organisation=city.water, place="440103002"
    )
    signed_in.post(
        "/api/v1/matters", REPORT, content_type="application/json", headers={"X-CSRFToken": "a" * 32}
    )

    def listed(post):
        return signed_in.get("/api/v1/matters", headers={"X-Post": str(post)})

    assert len(listed(city.posts["dispatcher"].pk).json()["matters"]) == 1
    assert listed(second.pk).json()["matters"] == []
    for wrong in (city.posts["officer"].pk, 0, "²", "9" * 40, "x"):
        assert listed(wrong).status_code == 403


def test_one_address_reports_so_often_and_no_more(call, settings):
    settings.PUBLIC_RATE = "2/hour"
    assert [call().report().status_code for _ in range(3)] == [201, 201, 429]
    answer = call().report()
    assert 0 < int(answer["Retry-After"]) <= 1800
    assert call("worker").report().status_code == 201


def test_behind_a_proxy_the_address_is_the_one_it_saw(call, settings):
    settings.PUBLIC_RATE, settings.PROXIES = "1/hour", 1

    def report(forwarded):
        return call(**{"X-Forwarded-For": forwarded}).report().status_code

    assert report("1.1.1.1, 10.9.9.1") == 201
    assert report("2.2.2.2, 10.9.9.1") == 429
    assert report("10.9.9.2") == 201
    assert report("2001:db8:1:2::1") == 201
    assert report("2001:db8:1:2:ffff::9") == 429


def test_a_rate_fills_up_again_with_time():
    rate = Rate(3, 60)
    assert [rate.wait("a", 0.0) for _ in range(4)] == [0, 0, 0, 20]
    assert rate.wait("b", 0.0) == 0
    assert rate.wait("a", 20.0) == 0
    assert rate.wait("a", 20.0) == 20
    assert [rate.wait("a", 1000.0) for _ in range(4)] == [0, 0, 0, 20]
