"""What a caller is told when something did not work: thing, reason, cure, and every reason in both languages.

Answers are `application/problem+json` (RFC 9457) with these as extension members.
"""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

import django.db
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language_from_request, override
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from mumian.api.wire import dumps
from mumian.engine.compiled import Reason
from mumian.engine.definition import Words
from mumian.errors import MumianError

MEDIA_TYPE = "application/problem+json"

log = logging.getLogger(__name__)


class Problem(Exception):
    """Ends a request with a status and words for it."""

    def __init__(
        self,
        status: int,
        thing: Words,
        reason: Words,
        cure: Words,
        *,
        reasons: Iterable[Reason] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, reason["en"])
        self.status, self.thing, self.reason, self.cure = status, thing, reason, cure
        self.reasons, self.headers = tuple(reasons), dict(headers or {})

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The problem as an answer, in the language of the request."""
        language = "en" if get_language_from_request(request).startswith("en") else "zh"
        body = {
            "status": self.status,
            "thing": self.thing[language],
            "reason": self.reason[language],
            "cure": self.cure[language],
            "reasons": self.reasons,
        }
        return HttpResponse(dumps(body), status=self.status, content_type=MEDIA_TYPE, headers=self.headers)


def missing() -> Problem:
    """The same for what does not exist and for what the caller may not see."""
    return Problem(
        404,
        {"zh": "您要的内容", "en": "What you asked for"},
        {"zh": "不存在，或您无权查看", "en": "It does not exist, or you may not see it"},
        {
            "zh": "请核对编号或地址；工作人员请使用有权的岗位",
            "en": "Check the number or address; in office, act in the post that has it",
        },
    )


def unknown_caller(zh: str, en: str) -> Problem:
    """The caller has not said, or not proved, who it is."""
    return Problem(
        401,
        {"zh": "您的身份", "en": "Who you are"},
        {"zh": zh, "en": en},
        {
            "zh": "请登录，或在 Authorization 头中给出有效的 Bearer 令牌",
            "en": "Sign in, or give a valid Bearer token in the Authorization header",
        },
        headers={"WWW-Authenticate": "Bearer"},
    )


def forbidden(zh: str, en: str, cure: Words) -> Problem:
    """The caller is known and may not do this."""
    return Problem(403, {"zh": "此请求", "en": "This request"}, {"zh": zh, "en": en}, cure)


def too_many(seconds: int) -> Problem:
    """An address has sent more than the public rate allows."""
    return Problem(
        429,
        {"zh": "您的网络地址", "en": "Your network address"},
        {"zh": "短时间内提交过多", "en": "Too many reports came from it in a short time"},
        {"zh": f"请在 {seconds} 秒后重试", "en": f"Try again in {seconds} seconds"},
        headers={"Retry-After": str(seconds)},
    )


def unfit(reasons: Iterable[Reason]) -> Problem:
    """What was sent does not have the form that is asked for."""
    return Problem(
        422,
        {"zh": "您提交的内容", "en": "What you sent"},
        {"zh": "有不符合要求之处", "en": "It does not fit what is asked for"},
        {"zh": "请按所列原因改正后重新提交", "en": "Correct what the reasons name and send it again"},
        reasons=reasons,
    )


def refused(reasons: tuple[Reason, ...]) -> Problem:
    """An act that the engine refused, with its reasons."""
    return Problem(
        status_of(reasons),
        {"zh": "此动作", "en": "This action"},
        {"zh": "；".join(each.zh for each in reasons), "en": "; ".join(each.en for each in reasons)},
        {
            "zh": "请看所列原因；查看事项可知现在能做什么",
            "en": "See the reasons; the matter says what you may do now",
        },
        reasons=reasons,
    )


def status_of(reasons: tuple[Reason, ...]) -> int:
    """403 for who may not, 422 for what does not fit, 409 for what the matter's present state forbids."""
    return _STATUS.get(reasons[0].code, 409)


_STATUS = {
    "not-yours": 403,
    "not-yourself": 403,
    "system": 403,
    "unknown-procedure": 422,
    "unknown-action": 422,
    "unfit": 422,
    "unlocated": 422,
    "required": 422,
    "not-asked": 422,
    "weak-key": 422,
}


def answer_errors(api: NinjaAPI) -> None:
    """Makes every error of an API an answer of this kind."""
    for kind, handler in _HANDLERS.items():
        api.add_exception_handler(kind, handler)


def _problem(request: HttpRequest, error: Any) -> HttpResponse:
    problem: Problem = error
    return problem.answer(request)


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    return unfit(_reason(fault) for fault in error.errors).answer(request)


def _reason(fault: Mapping[str, Any]) -> Reason:
    """A fault found by pydantic; its path leaves out where the value came from and the name of our argument."""
    source, *path = fault["loc"]
    steps = path[1:] if source in ("body", "query") and len(path) > 1 else path
    field = ".".join(map(str, steps)) or str(source)
    return Reason(str(fault["type"]), _ZH.get(fault["type"], "格式或取值不对"), str(fault["msg"]), field)


_ZH = {
    "missing": "缺少此项",
    "extra_forbidden": "没有此项",
    "string_too_long": "过长",
    "string_too_short": "过短",
    "too_long": "过多",
    "too_short": "过少",
    "string_type": "应为文字",
    "dict_type": "应为对象",
    "list_type": "应为列表",
    "uuid_parsing": "不是有效的编号",
}


def _http_error(request: HttpRequest, error: Any) -> HttpResponse:
    return Problem(
        getattr(error, "status_code", 400),
        {"zh": "此请求", "en": "This request"},
        {"zh": "无法读取", "en": "It cannot be read"},
        {"zh": "请以 UTF-8 编码的 JSON 提交", "en": "Send JSON in UTF-8"},
    ).answer(request)


def _missing(request: HttpRequest, error: Any) -> HttpResponse:
    return missing().answer(request)


def _too_big(request: HttpRequest, error: Any) -> HttpResponse:
    return Problem(
        413,
        {"zh": "此请求", "en": "This request"},
        {"zh": "过大", "en": "It is too large"},
        {"zh": "请分成几次提交；附件请先上传", "en": "Send it in several parts; upload files first"},
    ).answer(request)


def _own_error(request: HttpRequest, error: Any) -> HttpResponse:
    with override(get_language_from_request(request)):
        thing, reason, cure = str(error.thing), str(error.reason), str(error.cure)
    return Problem(
        422, {"zh": thing, "en": thing}, {"zh": reason, "en": reason}, {"zh": cure, "en": cure}
    ).answer(request)


def _unstorable(request: HttpRequest, error: Any) -> HttpResponse:
    log.warning("a value was refused by the database: %s", error)
    return unfit([Reason("unfit", "含有无法保存的值", "It holds a value that cannot be stored")]).answer(
        request
    )


def _database_away(request: HttpRequest, error: Any) -> HttpResponse:
    log.error("the database is away: %s", error)
    return Problem(
        503,
        {"zh": "数据库", "en": "The database"},
        {
            "zh": "暂时无法使用；未收到确认的内容没有保存",
            "en": "It is away; what was not confirmed is not stored",
        },
        {
            "zh": "请稍后以同一个 key 重试，不会重复",
            "en": "Try again shortly with the same key; it is done only once",
        },
        headers={"Retry-After": "5"},
    ).answer(request)


def _broken(request: HttpRequest, error: Any) -> HttpResponse:
    got_request_exception.send(sender=NinjaAPI, request=request)
    log.error("%s %s broke", request.method, request.path, exc_info=error)
    return Problem(
        500,
        {"zh": "此请求", "en": "This request"},
        {"zh": "程序出错，不是您的问题", "en": "Something broke on our side"},
        {
            "zh": "请稍后重试；如仍如此，请告知管理者",
            "en": "Try again; if it stays like this, tell those who run this",
        },
    ).answer(request)


_HANDLERS: dict[type[Exception], Any] = {
    Problem: _problem,
    ValidationError: _invalid,
    HttpError: _http_error,
    Http404: _missing,
    SuspiciousOperation: _http_error,
    RequestDataTooBig: _too_big,
    MumianError: _own_error,
    django.db.DataError: _unstorable,
    django.db.OperationalError: _database_away,
    django.db.InterfaceError: _database_away,
    Exception: _broken,
}
