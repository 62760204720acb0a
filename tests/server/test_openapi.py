"""The API describes itself, completely, and as its reference page does."""

import json
import re

from tests.server import documented
from tests.server.serving import Serving

METHODS = {"get", "post", "put", "patch", "delete"}


def described(server: Serving) -> set[tuple[str, str]]:
    paths = server.get("/openapi.json")["paths"]
    return {(method.upper(), path) for path, item in paths.items() for method in item}


def nameless(routes: set[tuple[str, str]]) -> set[tuple[str, str]]:
    return {(method, re.sub(r"\{\w+\}", "{}", path)) for method, path in routes}


def test_every_route_is_on_the_reference_page_and_the_other_way_round(server: Serving) -> None:
    assert nameless(described(server)) == nameless(documented.routes())


def test_every_route_says_what_it_does_and_how_it_fails(server: Serving) -> None:
    for path, item in server.get("/openapi.json")["paths"].items():
        for method, operation in item.items():
            assert method in METHODS
            assert operation["summary"], path
            assert operation["description"], path
            assert set(map(str, documented.error_types())) <= set(operation["responses"]), path


SHAPES = {"/v1/": "OpenAIError", "/api/": "OllamaError"}


def test_every_error_has_its_dialects_shape_and_422_is_not_among_them(server: Serving) -> None:
    document = server.get("/openapi.json")
    for path, item in document["paths"].items():
        shape = next(
            (shape for prefix, shape in SHAPES.items() if path.startswith(prefix)), "Error"
        )
        for operation in item.values():
            assert "422" not in operation["responses"]
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    schema = response["content"]["application/json"]["schema"]
                    assert schema == {"$ref": f"#/components/schemas/{shape}"}


def test_every_reference_of_the_document_resolves(server: Serving) -> None:
    document = server.get("/openapi.json")
    named = set(document["components"]["schemas"])
    used = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(document)))
    assert used <= named


def test_every_route_that_exists_is_described_or_a_file_of_the_page(server: Serving) -> None:
    undescribed = {
        str(getattr(route, "path", ""))
        for route in server.app.routes
        if not getattr(route, "include_in_schema", True)
    } - {"/openapi.json", "/", "/login", "/setup"}
    assert all(re.fullmatch(r"/(assets/)?[\w.-]+\.\w+", path) for path in undescribed)
