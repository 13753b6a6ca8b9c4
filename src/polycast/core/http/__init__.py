"""HTTP for the dialects: handlers with policies, bodies read field by field, failures in the dialect's own words."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from polycast.core.http.answers import Answer, Cookie, stream_list
from polycast.core.http.bodies import Media, Part, Upload, parts_of, read_body
from polycast.core.http.calls import Authenticator
from polycast.core.http.dialects import OpenApi, byte_dialect, byte_route, json_dialect
from polycast.core.http.errors import (
    BadBody,
    BadPath,
    MethodNotAllowed,
    Starting,
    Unexpected,
    UnknownPath,
    UnsupportedMedia,
    headers_of,
    status_of,
)
from polycast.core.http.etag import etag_of, http_date, is_known, not_modified, validators
from polycast.core.http.openapi import openapi_document
from polycast.core.http.paging import (
    Cursor,
    Cut,
    Envelope,
    InvalidPage,
    LimitOffset,
    PageNumber,
    Slice,
    Window,
    address,
)
from polycast.core.http.problems import FieldProblem, ProblemDetails, field_problems, problem_details
from polycast.core.http.reader import Reader
from polycast.core.http.reference import ApiReference
from polycast.core.http.routing import Docs, Route, delete, get, patch, post, put, websocket
from polycast.core.http.streaming import StreamingResponse
from polycast.core.http.walk import line, prose

__all__ = [
    "Answer",
    "ApiReference",
    "Authenticator",
    "BadBody",
    "BadPath",
    "Cookie",
    "Cursor",
    "Cut",
    "Docs",
    "Envelope",
    "FieldProblem",
    "InvalidPage",
    "LimitOffset",
    "Media",
    "MethodNotAllowed",
    "OpenApi",
    "PageNumber",
    "Part",
    "ProblemDetails",
    "Reader",
    "Request",
    "Response",
    "Route",
    "Slice",
    "Starting",
    "StreamingResponse",
    "Unexpected",
    "UnknownPath",
    "UnsupportedMedia",
    "Upload",
    "WebSocket",
    "WebSocketDisconnect",
    "Window",
    "address",
    "byte_dialect",
    "byte_route",
    "delete",
    "etag_of",
    "field_problems",
    "get",
    "headers_of",
    "http_date",
    "is_known",
    "json_dialect",
    "line",
    "not_modified",
    "openapi_document",
    "parts_of",
    "patch",
    "post",
    "problem_details",
    "prose",
    "put",
    "read_body",
    "status_of",
    "stream_list",
    "validators",
    "websocket",
]
