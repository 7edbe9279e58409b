"""Holds files of a rendered folder against AWS's own models, and against Fargate's sizes.

Usage: validate.py FOLDER

Each file is the input of one operation: botocore's parameter validation takes it, which knows every shape and
refuses what it doesn't know. cfn-lint, which knows the sizes of Fargate, reads the same as a template.
"""

import json
import pathlib
import sys
import tempfile

import botocore.session
from botocore.validate import ParamValidator
from cfnlint.api import lint_file

OPERATIONS = {
    "task-definition": ("ecs", "RegisterTaskDefinition"),
    "service": ("ecs", "CreateService"),
    "run-task": ("ecs", "RunTask"),
    "scalable-target": ("application-autoscaling", "RegisterScalableTarget"),
    "scaling-policies": ("application-autoscaling", "PutScalingPolicy"),
    "schedule": ("scheduler", "CreateSchedule"),
    "secrets": ("ssm", "PutParameter"),
}
# What CloudFormation calls differently than by a capital letter, and where keys are somebody's own.
CALLED = {
    "efsVolumeConfiguration": "EFSVolumeConfiguration", "fileSystemId": "FilesystemId", "iam": "IAM",
    "serviceConnectConfiguration": "ServiceConnectConfiguration",
}
OWN_KEYS = {"dockerLabels", "options"}


def files(folder):
    for path in sorted(pathlib.Path(folder).rglob("*.json")):
        if path.stem in OPERATIONS:
            content = json.loads(path.read_text())
            for one in content if isinstance(content, list) else [content]:
                yield path, one


def template_of(value, own=False):
    if isinstance(value, list):
        return [template_of(item) for item in value]
    if not isinstance(value, dict):
        return value
    name = lambda key: key if own else CALLED.get(key, key[0].upper() + key[1:])
    return {name(key): template_of(below, key in OWN_KEYS) for key, below in value.items()}


def main(folder):
    session, validator = botocore.session.get_session(), ParamValidator()
    resources, wrong, seen = {}, [], 0
    for path, content in files(folder):
        seen += 1
        service, operation = OPERATIONS[path.stem]
        shape = session.get_service_model(service).operation_model(operation).input_shape
        report = validator.validate(content, shape)
        if report.has_errors():
            wrong.append(f"{path}: {report.generate_report()}")
        kind = {"task-definition": "TaskDefinition", "service": "Service"}.get(path.stem)
        if kind:
            name = "".join(filter(str.isalnum, f"{path.parent.name}{kind}"))
            resources[name] = {"Type": f"AWS::ECS::{kind}", "Properties": template_of(content)}
    with tempfile.TemporaryDirectory() as scratch:
        file = pathlib.Path(scratch, "template.json")
        file.write_text(json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}, indent=1))
        for match in lint_file(file):
            # An id in a template is a choice of its author, not a fault.
            if not match.rule.id.startswith(("I", "W")):
                wrong.append(f"{match.rule.id} {match.message} {getattr(match, 'path', '')}")
    print("\n".join(wrong))
    print(f"{seen} inputs")
    return 1 if wrong or not seen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
