"""What botocore says of the inputs of calls, and cfn-lint of the sizes of tasks.

For each line of standard input one of standard output. A line of input is JSON: `{"kind": "service", "document": {…}}`,
and what botocore's own validation says of it is `valid` or `invalid MESSAGE`; or it is `{"cpu": 256, "memory": 512}`,
which cfn-lint's schema for Fargate takes (`valid`) or not (`invalid`).
"""

import functools
import importlib.util
import json
import pathlib
import sys
from importlib import resources

import jsonschema
from botocore import loaders, model, validate


def main():
    path = pathlib.Path(__file__).parents[2] / "schemas/ecs/regenerate.py"
    spec = importlib.util.spec_from_file_location("regenerate", path)
    regenerate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(regenerate)
    kinds = {kind: rest for kind, *rest in regenerate.DOCUMENTS}
    for line in sys.stdin:
        case = json.loads(line)
        if "kind" in case:
            is_list, service, operation = kinds[case["kind"]]
            print(of_calls(case["document"], is_list, shape(service, operation)))
        else:
            print(of_size(case))


@functools.lru_cache(maxsize=None)
def shape(service, operation):
    loader = loaders.Loader()
    found = model.ServiceModel(loader.load_service_model(service, "service-2"), service)
    return found.operation_model(operation).input_shape


def of_calls(document, is_list, shape):
    if is_list and not isinstance(document, list):
        return "invalid: no list of inputs"
    for one in document if is_list else [document]:
        report = validate.ParamValidator().validate(one, shape)
        if report.has_errors():
            return f"invalid {report.generate_report()}".replace("\n", " ")
    return "valid"


@functools.lru_cache(maxsize=None)
def sizes():
    folder = resources.files("cfnlint").joinpath("data/schemas/extensions/aws_ecs_taskdefinition")
    schema = json.loads(folder.joinpath("fargate_cpu_memory.json").read_text(encoding="utf-8"))
    # Of numbers only; the patterns of texts aren't Python's of today.
    return jsonschema.Draft7Validator(without_patterns(schema))


def without_patterns(schema):
    if isinstance(schema, dict):
        return {key: without_patterns(one) for key, one in schema.items() if key != "pattern"}
    return [without_patterns(one) for one in schema] if isinstance(schema, list) else schema


def of_size(case):
    task = {"RequiresCompatibilities": ["FARGATE"], "Cpu": str(case["cpu"]), "Memory": case["memory"]}
    return "valid" if sizes().is_valid(task) else "invalid"


if __name__ == "__main__":
    main()
