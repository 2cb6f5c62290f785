"""Judges the renderer from outside: do detectors trained on real people take its pictures for faces, and read
them as the truth says? See README.md beside this file."""

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
POSES = ["rest", "brow-raise", "gentle-closure", "tight-closure", "closed-smile", "open-smile", "snarl", "pucker",
         "lower-teeth"]
LEAST_SCORE = 6.0
TARGETS = {
    "rustface": (">=", 0.99), "facemesh": (">=", 0.995), "aperture_r": (">=", 0.92),
    "aperture_difference_r": (">=", 0.94), "corner_median": ("<=", 0.025), "iris_median": ("<=", 0.03),
}
# Indices of FaceMesh's points; person's right first.
EYES = [
    {"lids": [(159, 145), (158, 153), (160, 144)], "corners": (33, 133), "iris": 468},
    {"lids": [(386, 374), (385, 380), (387, 373)], "corners": (263, 362), "iris": 473},
]
MOUTH_CORNERS = [61, 291]


def main():
    args = arguments()
    if args.speed:
        report = {"speed": speed(args)}
    else:
        with tempfile.TemporaryDirectory(dir=args.keep) as folder:
            rows = render(args, Path(folder))
            score(args, rows)
            measure(rows)
            report = summarize(rows)
            if args.misses:
                keep_misses(rows, Path(args.misses))
    if args.json:
        print(json.dumps(report))
    else:
        show(report)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=500, help="each in two poses (default 500)")
    parser.add_argument("--seed", type=int, default=2000, help="the first of nine seeds (default 2000)")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--synkiosk", help="the program (default: built by cargo)")
    parser.add_argument("--keep", help="an existing folder for the pictures while they are judged")
    parser.add_argument("--misses", help="a folder for copies of the pictures that a detector missed")
    parser.add_argument("--speed", action="store_true", help="time the renderer instead")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def binary(args):
    if args.synkiosk:
        return args.synkiosk
    build = ["cargo", "build", "--release", "--quiet", "-p", "synkiosk-host", "--bin", "synkiosk"]
    subprocess.run(build, cwd=ROOT, check=True)
    return str(target() / "release" / "synkiosk")


def target():
    query = ["cargo", "metadata", "--format-version", "1", "--no-deps"]
    return Path(json.loads(subprocess.run(query, cwd=ROOT, check=True, capture_output=True).stdout)["target_directory"])


def synth(args, out, seed, people, poses, size):
    command = [binary(args), "synth", "--protocol", "clinical", "--seed", seed, "--people", people, "--poses",
               ",".join(poses), "--size", size, "--threads", args.threads, "--out", out]
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)


def render(args, folder):
    """Nine groups of people with a pair of poses each, so that every pose occurs in two groups."""
    rows = []
    for group, pose in enumerate(POSES):
        people = args.people // 9 + (group < args.people % 9)
        if people == 0:
            continue
        out = folder / str(group)
        synth(args, out, args.seed + group, people, [pose, POSES[(group + 4) % 9]], "640x480")
        with open(out / "truth.csv", newline="") as table:
            for truth in csv.DictReader(table):
                rows.append({"file": str(out / truth["person"] / (truth["pose"] + ".jpg")), "pose": truth["pose"],
                             "truth": truth})
    return rows


def score(args, rows):
    command = ["cargo", "run", "--release", "--quiet", "-p", "synkiosk-models", "--example", "rustface_scores"]
    files = "".join(row["file"] + "\n" for row in rows)
    answer = subprocess.run(command, cwd=ROOT, check=True, input=files, capture_output=True, text=True).stdout
    for row, line in zip(rows, answer.splitlines(), strict=True):
        row["score"] = float(line.split("\t")[0])


def measure(rows):
    os.environ["GLOG_minloglevel"] = "3"
    import cv2
    import mediapipe
    import numpy

    mesh = mediapipe.solutions.face_mesh.FaceMesh(static_image_mode=True, refine_landmarks=True, max_num_faces=1)
    for row in rows:
        picture = cv2.cvtColor(cv2.imread(row["file"]), cv2.COLOR_BGR2RGB)
        faces = mesh.process(picture).multi_face_landmarks
        row["mesh"] = bool(faces)
        if faces:
            size = numpy.array([picture.shape[1], picture.shape[0]])
            points = numpy.array([[point.x, point.y] for point in faces[0].landmark]) * size
            row |= compare(points, row["truth"])


def compare(points, truth):
    """Aperture of each eye (height over width), and distances in units of that between the eyes' centers."""
    import numpy

    def true(name):
        return numpy.array([float(truth[name + "_x"]), float(truth[name + "_y"])])

    def apart(a, b):
        return float(numpy.linalg.norm(a - b))

    sides = ["right", "left"]
    centers = [(true(side + "_eye_inner") + true(side + "_eye_outer")) / 2 for side in sides]
    unit = apart(*centers)
    found = {"aperture": [], "true_aperture": [], "corner": [], "iris": []}
    for side, eye, corner in zip(sides, EYES, MOUTH_CORNERS):
        height = sum(apart(points[a], points[b]) for a, b in eye["lids"]) / len(eye["lids"])
        found["aperture"].append(height / apart(*(points[index] for index in eye["corners"])))
        found["true_aperture"].append(apart(true(side + "_lid_upper"), true(side + "_lid_lower"))
                                      / apart(true(side + "_eye_inner"), true(side + "_eye_outer")))
        found["corner"].append(apart(points[corner], true(side + "_mouth_corner")) / unit)
        found["iris"].append(apart(points[eye["iris"]], true(side + "_iris")) / unit)
    return found


def summarize(rows):
    report = figures(rows)
    report["poses"] = {pose: figures([row for row in rows if row["pose"] == pose]) for pose in POSES}
    report["targets"] = {name: {"figure": report[name], "target": f"{sign} {target}",
                                "met": bool(report[name] >= target if sign == ">=" else report[name] <= target)}
                         for name, (sign, target) in TARGETS.items()}
    return report


def figures(rows):
    import numpy

    seen = [row for row in rows if row["mesh"]]
    if len(seen) < 2:
        return {"pictures": len(rows)}
    apertures = numpy.array([row["aperture"] for row in seen])
    truths = numpy.array([row["true_aperture"] for row in seen])
    corners = numpy.array([row["corner"] for row in seen])
    irises = numpy.array([row["iris"] for row in seen])
    # A pupil behind a shut lid is a guess: told apart, but counted in the figure that has a target.
    open_eyes = truths > 0.15

    def correlation(a, b):
        return float(numpy.corrcoef(a.ravel(), b.ravel())[0, 1])

    return {
        "pictures": len(rows),
        "rustface": sum(row["score"] >= LEAST_SCORE for row in rows) / len(rows),
        "facemesh": len(seen) / len(rows),
        "aperture_r": correlation(apertures, truths),
        "aperture_difference_r": correlation(apertures[:, 0] - apertures[:, 1], truths[:, 0] - truths[:, 1]),
        "corner_median": float(numpy.median(corners)),
        "corner_p90": float(numpy.quantile(corners, 0.9)),
        "iris_median": float(numpy.median(irises)),
        "iris_median_open": float(numpy.median(irises[open_eyes])) if open_eyes.any() else None,
        "iris_p90": float(numpy.quantile(irises, 0.9)),
    }


def keep_misses(rows, folder):
    import shutil

    folder.mkdir(parents=True, exist_ok=True)
    for row in rows:
        if row["score"] < LEAST_SCORE or not row["mesh"]:
            path = Path(row["file"])
            name = "-".join([path.parts[-3], path.parts[-2], path.name])
            shutil.copy(path, folder / f"{row['score']:05.2f}-mesh{int(row['mesh'])}-{name}")


def speed(args):
    """Processor time of one thread for a picture of 256 x 256, making the person included."""
    people, poses = 12, POSES
    args.threads = 1
    args.synkiosk = binary(args)
    with tempfile.TemporaryDirectory(dir=args.keep) as folder:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        synth(args, Path(folder) / "speed", args.seed, people, poses, "256x256")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = (after.ru_utime - before.ru_utime) / (people * len(poses))
    return {"pictures": people * len(poses), "milliseconds": 1000 * seconds, "pictures_per_second": 1 / seconds}


def show(report):
    if "speed" in report:
        print("{pictures} pictures of 256x256: {milliseconds:.1f} ms of one core each, "
              "{pictures_per_second:.1f} a second".format(**report["speed"]))
        return
    names = list(TARGETS) + ["corner_p90", "iris_median_open", "iris_p90"]
    print(f"{'':16}{'pictures':>9}" + "".join(f"{name[:11]:>12}" for name in names))
    for label, row in [("all", report), *report["poses"].items()]:
        values = [row.get(name) for name in names]
        print(f"{label:16}{row['pictures']:>9}" + "".join(f"{'-' if v is None else format(v, '.4f'):>12}" for v in values))
    for name, verdict in report["targets"].items():
        print(f"{name:24}{verdict['figure']:.4f}  {verdict['target']:10}{'met' if verdict['met'] else 'NOT MET'}")


if __name__ == "__main__":
    sys.exit(main())
