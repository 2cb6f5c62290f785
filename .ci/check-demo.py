#!/usr/bin/env python3
"""Fails unless the demo's result.json is as the README says."""
import json
import sys

people = {person["person"]: person for person in json.load(open(sys.argv[1]))}
expected = {"healthy-one": ("healthy", "unlikely"), "synkinesis-one": ("synkinesis", "likely")}
assert set(people) == set(expected), f"people: {sorted(people)}"
for name, (label, answer) in expected.items():
    person = people[name]
    assert person["label"] == label, person
    assert person["answer"] == answer, f"{name}: {person['answer']}, expected {answer}"
    assert 0.0 <= person["score"] <= 1.0, person["score"]
    assert len(person["poses"]) == 9, [pose["pose"] for pose in person["poses"]]
    for pose in person["poses"]:
        assert 0.0 <= pose["score"] <= 1.0, pose
        stages = [pose["ms"][stage] for stage in ("face", "align", "network")]
        assert all(stage > 0.0 for stage in stages) and pose["ms"]["total"] >= max(stages), pose
print("result.json is as the README says")
