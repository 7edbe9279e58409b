"""Applies a rendered folder with boto3, as docs/ecs.md says it is applied, and reads everything back.

Usage: deploy.py prepare ENDPOINT REGION          makes what an environment names, and prints the ids
       deploy.py apply ENDPOINT REGION FOLDER     applies every unit; prints what each container would be given, as JSON

Standard input of `prepare` says what that is: `cluster`, and `secrets` and `parameters` by name. A container is given
variables, and options of its log driver as `log:OPTION`. Values are read as ECS reads them: by the `valueFrom` of the
registered task definition.
"""

import json
import pathlib
import sys

import boto3

ENDPOINT, REGION = sys.argv[2:4]


def client(service, region=REGION):
    return boto3.client(
        service, endpoint_url=ENDPOINT, region_name=region, aws_access_key_id="test", aws_secret_access_key="test"
    )


def prepare(wanted):
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    # Without it moto can't name a task's interface.
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"]["SubnetId"]
        for n, zone in enumerate("ab")
    ]
    group = ec2.create_security_group(GroupName="shop", Description="shop", VpcId=vpc)["GroupId"]
    target = client("elbv2").create_target_group(
        Name="shop", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip"
    )["TargetGroups"][0]["TargetGroupArn"]
    client("ecs").create_cluster(clusterName=wanted["cluster"])
    manager, parameters = client("secretsmanager"), client("ssm")
    arns = {
        name: manager.create_secret(Name=name, SecretString=value)["ARN"]
        for name, value in wanted.get("secrets", {}).items()
    }
    for name, value in wanted.get("parameters", {}).items():
        parameters.put_parameter(Name=name, Value=value, Type="SecureString")
    print(json.dumps({"subnets": subnets, "group": group, "target": target, "secrets": arns}))


def differences(said, found, at=""):
    """What was said has to be there; AWS adds what it completes."""
    if isinstance(said, dict):
        return [d for key, value in said.items() for d in differences(value, (found or {}).get(key), f"{at}.{key}")]
    if isinstance(said, list):
        if len(said) != len(found or []):
            return [f"{at}: {said} became {found}"]
        return [d for n, pair in enumerate(zip(said, found)) for d in differences(*pair, f"{at}[{n}]")]
    return [] if said == found else [f"{at}: {said!r} became {found!r}"]


def value_of(value_from):
    """What the agent of ECS asks for."""
    region = value_from.split(":")[3] if value_from.startswith("arn:") else REGION
    if ":secretsmanager:" not in value_from:
        name = value_from.split(":parameter")[-1] if value_from.startswith("arn:") else value_from
        return client("ssm", region).get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    parts = value_from.split(":")
    key, stage, version = (parts[7:] + ["", "", ""])[:3]
    asked = {"SecretId": ":".join(parts[:7])}
    asked.update({"VersionStage": stage} if stage else {})
    asked.update({"VersionId": version} if version else {})
    text = client("secretsmanager", region).get_secret_value(**asked)["SecretString"]
    return json.loads(text)[key] if key else text


def apply(folder):
    ecs, ssm, scaling = client("ecs"), client("ssm"), client("application-autoscaling")
    wrong, given = [], {}
    read = lambda unit, name: json.loads(path.read_text()) if (path := unit / f"{name}.json").exists() else None
    for unit in sorted(path for path in pathlib.Path(folder).iterdir() if path.is_dir()):
        for parameter in read(unit, "secrets") or []:
            ssm.put_parameter(**parameter)
        definition = read(unit, "task-definition")
        family = ecs.register_task_definition(**definition)["taskDefinition"]["family"]
        found = ecs.describe_task_definition(taskDefinition=family, include=["TAGS"])
        wrong += differences(definition, {**found["taskDefinition"], "tags": found["tags"]}, f"{unit.name} task")
        given[unit.name] = {
            container["name"]: {
                **{secret["name"]: value_of(secret["valueFrom"]) for secret in container.get("secrets", [])},
                **{
                    f"log:{option['name']}": value_of(option["valueFrom"])
                    for option in container.get("logConfiguration", {}).get("secretOptions", [])
                },
            }
            for container in found["taskDefinition"]["containerDefinitions"]
        }
        if service := read(unit, "service"):
            ecs.create_service(**service)
            kept = ecs.describe_services(cluster=service["cluster"], services=[service["serviceName"]])["services"][0]
            asked = {key: service[key] for key in ["serviceName", "desiredCount", "networkConfiguration"]}
            asked.update({key: service[key] for key in ["launchType", "loadBalancers"] if key in service})
            wrong += differences(asked, kept, f"{unit.name} service")
            if f"/{family}:" not in kept["taskDefinition"]:
                wrong.append(f"{unit.name} runs {kept['taskDefinition']}")
        if target := read(unit, "scalable-target"):
            scaling.register_scalable_target(**target)
            kept = scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[target["ResourceId"]])
            wrong += differences([target], kept["ScalableTargets"], f"{unit.name} target")
            policies = read(unit, "scaling-policies")
            for policy in policies:
                scaling.put_scaling_policy(**policy)
            kept = scaling.describe_scaling_policies(ServiceNamespace="ecs", ResourceId=target["ResourceId"])
            wrong += differences(policies, kept["ScalingPolicies"], f"{unit.name} policies")
        if schedule := read(unit, "schedule"):
            client("scheduler").create_schedule(**schedule)
            kept = client("scheduler").get_schedule(Name=schedule["Name"])
            wrong += differences(schedule, kept, f"{unit.name} schedule")
        if task := read(unit, "run-task"):
            tasks = ecs.run_task(**task)["tasks"]
            if len(tasks) != task["count"]:
                wrong.append(f"{unit.name} runs {len(tasks)} tasks")
    print(json.dumps(given))
    print("\n".join(wrong), file=sys.stderr)
    return 1 if wrong else 0


sys.exit(prepare(json.load(sys.stdin)) if sys.argv[1] == "prepare" else apply(sys.argv[4]))
