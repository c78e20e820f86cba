"""Descriptions of bodies that routes read by themselves, for OpenAPI."""

from typing import Any

from pydantic import BaseModel


def body_of(kind: type[BaseModel]) -> dict[str, Any]:
    """The description of a body that the route reads by itself."""
    schema = kind.model_json_schema(ref_template="#/components/schemas/{model}")
    inner = schema.pop("$defs", {})
    for one in inner.values():
        one.pop("title", None)
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _inlined(schema, inner)}},
        }
    }


def _inlined(schema: Any, inner: dict[str, Any]) -> Any:
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _inlined(inner[schema["$ref"].rpartition("/")[2]], inner)
        return {key: _inlined(value, inner) for key, value in schema.items()}
    if isinstance(schema, list):
        return [_inlined(one, inner) for one in schema]
    return schema


def file_body() -> dict[str, Any]:
    """The description of a form with one file that the route reads itself."""
    form = {
        "type": "object",
        "properties": {"file": {"type": "string", "format": "binary"}},
        "required": ["file"],
    }
    content = {"multipart/form-data": {"schema": form}}
    return {"requestBody": {"required": True, "content": content}}
