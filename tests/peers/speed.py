"""Compares this program's speed with other programs': the same network in ONNX Runtime and tract, and the whole way of a
picture in what a user would write with OpenCV, MediaPipe and ONNX Runtime. See README.md beside this file.

All contenders take turns in the same minutes, on one core and one thread each. Times are processor time."""

import argparse
import json
import os
import statistics
import struct
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "models/shipped"
FRAMES = sorted((ROOT / "device/demo/people/healthy-one").glob("*.jpg"))
SERIES = [ROOT / f"device/demo/people/healthy-one/{pose}.jpg" for pose in ("rest", "tight-closure", "open-smile", "pucker")]
TARGETS = {
    "int8_vs_onnxruntime_int8": 0.55, "int8_vs_onnxruntime_int8_from_second_layer": 0.7, "int8_vs_tract_int8": 0.12,
    "int8_vs_onnxruntime_f32": 0.3, "pipeline_latency": 0.4, "pipeline_latency_live": 0.4, "pipeline_start": 0.1,
    "pipeline_memory": 0.15,
}
# Seconds of processor time that each contender's turn takes at least.
TURN = 0.02
# A pose is held for a second of live pictures.
HELD = 30


def main():
    args = arguments()
    if args.worker:
        return peer_worker(args.onnx)
    if args.answer:
        return peer_answer(args.onnx)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        onnx = args.onnx or export(args, folder)
        report = measure(args, Path(onnx), Path(folder))
    print(json.dumps(report) if args.json else table(report))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=25, help="turns of each contender (default 25)")
    parser.add_argument("--bundle", default=str(max(SHIPPED.glob("*.bundle"))), help="default: the shipped one")
    parser.add_argument("--synkiosk", help="the host's program (default: built by cargo)")
    parser.add_argument("--ours", help="the example `speed` of models (default: built by cargo)")
    parser.add_argument("--onnx", help="a folder that synkiosk verify --onnx wrote (default: written now)")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--answer", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def cargo(arguments, path):
    subprocess.run(["cargo", "build", "--release", "--quiet", *arguments], cwd=ROOT, check=True)
    query = ["cargo", "metadata", "--format-version", "1", "--no-deps"]
    found = json.loads(subprocess.run(query, cwd=ROOT, check=True, capture_output=True).stdout)
    return str(Path(found["target_directory"]) / "release" / path)


def export(args, folder):
    program = args.synkiosk or cargo(["-p", "synkiosk-host", "--bin", "synkiosk"], "synkiosk")
    subprocess.run([program, "verify", args.bundle, "--onnx", folder], check=True, stdout=subprocess.DEVNULL)
    return folder


def measure(args, onnx, folder):
    ours = args.ours or cargo(["-p", "synkiosk-models", "--example", "speed"], "examples/speed")
    # Before anything large is loaded here: a child's most memory counts what it was forked from.
    ours_start, ours_mib = starts([ours, "--answer", args.bundle, *map(str, SERIES)])
    peer_start, peer_mib = starts([sys.executable, __file__, "--answer", "--onnx", str(onnx)])
    golden = read_golden(args.bundle)
    first_cut = cut_first_layer(onnx / "classifier-int8.onnx", folder / "from-second-layer.onnx")
    frames = [str(path) for path in FRAMES]
    driven = Driven([ours, args.bundle, *frames])
    peer = Driven([sys.executable, __file__, "--worker", "--onnx", str(onnx)])
    same = check_sums(driven, onnx / "classifier-int8.onnx", golden)
    networks = {
        "ours int8": lambda runs: driven.seconds("classifier", runs),
        "ONNX Runtime int8": onnxruntime_runner(onnx / "classifier-int8.onnx", golden["inputs"]),
        "tract int8": tract_runner(onnx / "classifier-int8.onnx", golden["inputs"]),
        "ONNX Runtime f32": onnxruntime_runner(onnx / "classifier-f32.onnx", golden["inputs"]),
        "ours int8 from second layer": lambda runs: driven.seconds("from-second-layer", runs),
        "ONNX Runtime int8 from second layer": onnxruntime_runner(*first_cut),
        "ours landmarks int8": lambda runs: driven.seconds("landmarks", runs),
        "ONNX Runtime landmarks int8": onnxruntime_runner(onnx / "landmarks-int8.onnx", golden["landmark_inputs"]),
    }
    pipelines = {
        "our pipeline": lambda runs: driven.seconds("picture", runs),
        "peer pipeline": lambda runs: peer.seconds("picture", runs),
        "our pipeline live": lambda runs: driven.seconds("live", runs),
        "peer pipeline live": lambda runs: peer.seconds("live", runs),
    }
    ms = {**alternate(networks, args.rounds), **alternate(pipelines, args.rounds, least=3 * HELD)}
    ms |= {"our start": ours_start, "peer start": peer_start}
    ratios = {
        "int8_vs_onnxruntime_int8": ms["ours int8"] / ms["ONNX Runtime int8"],
        "int8_vs_onnxruntime_int8_from_second_layer":
            ms["ours int8 from second layer"] / ms["ONNX Runtime int8 from second layer"],
        "int8_vs_tract_int8": ms["ours int8"] / ms["tract int8"],
        "int8_vs_onnxruntime_f32": ms["ours int8"] / ms["ONNX Runtime f32"],
        "landmarks_vs_onnxruntime_int8": ms["ours landmarks int8"] / ms["ONNX Runtime landmarks int8"],
        "pipeline_latency": ms["our pipeline"] / ms["peer pipeline"],
        "pipeline_latency_live": ms["our pipeline live"] / ms["peer pipeline live"],
        "pipeline_start": ours_start / peer_start,
        "pipeline_memory": ours_mib / peer_mib,
    }
    return {
        "kernel": driven.ask("kernel"), "golden_equal": same, "ratios": {name: round(value, 3) for name, value in ratios.items()},
        "ms": {name: round(value, 4) for name, value in ms.items()},
        "mib": {"ours": round(ours_mib, 1), "peer": round(peer_mib, 1)},
    }


class Driven:
    """A program that does what a line asks of it and answers with a line."""

    def __init__(self, command):
        quiet = {"stderr": subprocess.DEVNULL, "env": {**os.environ, **ONE_THREAD}}
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **quiet)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if not answer:
            sys.exit(f"{self.process.args[0]} did not answer {line!r}")
        return answer

    def seconds(self, what, runs):
        before = self.processor_time()
        self.ask(f"{what} {runs}")
        return self.processor_time() - before

    def processor_time(self):
        """Of all its threads, in nanoseconds, exact while it waits for its next line."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENCV_FOR_THREADS_NUM": "1", "TF_NUM_INTEROP_THREADS": "1", "GLOG_minloglevel": "3"}


def alternate(contenders, rounds, least=3):
    """Median milliseconds of one run of each; they take turns of `least` runs or more."""
    runs = {}
    for name, run in contenders.items():
        run(3)
        once = max(run(5) / 5, 1e-7)
        runs[name] = max(least, round(TURN / once))
    times = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            times[name].append(run(runs[name]) / runs[name])
    return {name: statistics.median(values) * 1e3 for name, values in times.items()}


def starts(command, times=7):
    """Processor time in milliseconds and the most memory in MiB, from start to end of a process, medians."""
    spent, memory = [], []
    for _ in range(times):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   env={**os.environ, **ONE_THREAD})
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            sys.exit(f"{command[0]} failed")
        spent.append((usage.ru_utime + usage.ru_stime) * 1e3)
        memory.append(usage.ru_maxrss / 1024)
    return statistics.median(spent), statistics.median(memory)


def read_golden(bundle):
    import numpy
    with tarfile.open(bundle) as archive:
        data = archive.extractfile("golden.safetensors").read()
    length = struct.unpack("<Q", data[:8])[0]
    header, data = json.loads(data[8:8 + length]), data[8 + length:]
    kinds = {"U8": numpy.uint8, "I64": numpy.int64}
    tensors = {}
    for name, about in header.items():
        start, end = about["data_offsets"]
        tensors[name] = numpy.frombuffer(data[start:end], kinds[about["dtype"]]).reshape(about["shape"])
    planes = numpy.ascontiguousarray(tensors["inputs"].transpose(0, 3, 1, 2))
    return {"inputs": planes, "sums": tensors["sums"], "landmark_inputs": tensors["landmark_inputs"][:, None],
            "landmark_sums": tensors["landmark_sums"]}


def check_sums(driven, model, golden):
    """ONNX Runtime, this program and the bundle say the same to the last bit, for both networks."""
    ours = json.loads(driven.ask("sums"))
    theirs = [int(run_once(session(model), plane[None])[0, 0]) for plane in golden["inputs"]]
    landmarks = session(model.with_name("landmarks-int8.onnx"))
    points = [run_once(landmarks, plane[None])[0].tolist() for plane in golden["landmark_inputs"]]
    equal = ours == theirs == golden["sums"].tolist() and points == golden["landmark_sums"].tolist()
    if not equal:
        sys.exit("ONNX Runtime and this program give different sums")
    return len(ours) + len(points)


def session(model):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def run_once(session, value):
    return session.run(None, {session.get_inputs()[0].name: value})[0]


def onnxruntime_runner(model, inputs):
    """Bound inputs and outputs, so that not Python but the run is timed."""
    import onnxruntime
    loaded = session(model)
    name = loaded.get_inputs()[0].name
    if loaded.get_inputs()[0].type == "tensor(float)":
        inputs = inputs.astype("float32") - 128
    bindings = []
    for value in inputs[:8]:
        binding = loaded.io_binding()
        binding.bind_ortvalue_input(name, onnxruntime.OrtValue.ortvalue_from_numpy(value[None].copy()))
        binding.bind_output(loaded.get_outputs()[0].name)
        bindings.append(binding)

    def run(runs):
        start = time.thread_time()
        for at in range(runs):
            loaded.run_with_iobinding(bindings[at % len(bindings)])
        return time.thread_time() - start
    return run


def tract_runner(model, inputs):
    import tract
    loaded = tract.onnx().load(str(model)).into_model().into_runnable()
    values = [tract.Tensor.from_numpy(value[None].copy()) for value in inputs[:8]]

    def run(runs):
        start = time.thread_time()
        for at in range(runs):
            loaded.run([values[at % len(values)]])
        return time.thread_time() - start
    return run


def cut_first_layer(model, to):
    """The model from its second layer on, with an input like what the first layer gives."""
    import numpy
    import onnx
    loaded = onnx.load(model)
    shapes = onnx.shape_inference.infer_shapes(loaded).graph.value_info
    first = loaded.graph.node[0].output[0]
    shape = [side.dim_value for value in shapes if value.name == first for side in value.type.tensor_type.shape.dim]
    names = [node.op_type for node in loaded.graph.node]
    assert names[:2] == ["QLinearConv", "QLinearConv"], names
    del loaded.graph.node[0]
    loaded.graph.input[0].CopyFrom(onnx.helper.make_tensor_value_info(first, onnx.TensorProto.UINT8, shape))
    onnx.checker.check_model(loaded)
    onnx.save(loaded, to)
    values = (numpy.arange(numpy.prod(shape)) * 37 % 97).astype(numpy.uint8).reshape(shape)
    return to, values


class PeerPipeline:
    """What a user would write with the usual packages: decode, FaceMesh, an upright crop, local contrast, the network."""

    def __init__(self, onnx, live):
        import cv2
        import mediapipe
        import numpy
        self.cv2, self.numpy = cv2, numpy
        cv2.setNumThreads(1)
        self.live = live
        self.mesh = mediapipe.solutions.face_mesh.FaceMesh(static_image_mode=not live, max_num_faces=1, refine_landmarks=True)
        self.session = session(Path(onnx) / "classifier-int8.onnx")

    def score(self, jpeg):
        cv2, numpy = self.cv2, self.numpy
        color = cv2.imdecode(numpy.frombuffer(jpeg, numpy.uint8), cv2.IMREAD_COLOR)
        found = self.mesh.process(cv2.cvtColor(color, cv2.COLOR_BGR2RGB)).multi_face_landmarks
        if not found:
            raise SystemExit("FaceMesh finds no face in a shipped picture")
        if self.live:
            return 0
        height, width = color.shape[:2]
        points = numpy.array([(point.x * width, point.y * height) for point in found[0].landmark])
        right, left = (points[33] + points[133]) / 2, (points[263] + points[362]) / 2
        across = left - right
        apart = numpy.hypot(*across)
        down = numpy.array([-across[1], across[0]])
        center = (right + left) / 2 + 0.72 * down
        scale = 128 / (2.8 * apart)
        cosine, sine = across / apart * scale
        turn = numpy.array([[cosine, sine], [-sine, cosine]])
        matrix = numpy.hstack([turn, (64 - turn @ center)[:, None]])
        luma = cv2.cvtColor(color, cv2.COLOR_BGR2GRAY)
        crop = cv2.warpAffine(luma, matrix, (128, 128), flags=cv2.INTER_LINEAR).astype(numpy.float32)
        mean = cv2.blur(crop, (33, 33), borderType=cv2.BORDER_REPLICATE)
        deviation = numpy.sqrt(numpy.maximum(cv2.blur(crop * crop, (33, 33), borderType=cv2.BORDER_REPLICATE) - mean * mean, 0))
        plane = numpy.clip(128.5 + 48 * (crop - mean) / (deviation + 6), 0, 255).astype(numpy.uint8)
        value = numpy.stack([plane, plane[:, ::-1]])[None]
        return int(run_once(self.session, value)[0, 0])


def peer_worker(onnx):
    frames = [path.read_bytes() for path in FRAMES]
    pipelines = {"picture": PeerPipeline(onnx, live=False), "live": PeerPipeline(onnx, live=True)}
    watched = 0
    for line in sys.stdin:
        what, runs = line.split()
        for at in range(int(runs)):
            if what == "live":
                at, watched = watched // HELD, watched + 1
            pipelines[what].score(frames[at % len(frames)])
        print("done", flush=True)


def peer_answer(onnx):
    pipeline = PeerPipeline(onnx, live=False)
    print(sum(pipeline.score(path.read_bytes()) for path in SERIES))
    sys.stdout.flush()
    # What the packages do at their end is no part of the answer.
    os._exit(0)


def table(report):
    lines = [f"kernel {report['kernel']}; {report['golden_equal']} golden inputs equal to the last bit", ""]
    lines += [f"{name:<40}{value:>9.3f} ms" for name, value in report["ms"].items()]
    lines += [f"{'most memory, ours and peer':<40}{report['mib']['ours']:>9.1f} {report['mib']['peer']:.1f} MiB", ""]
    for name, value in report["ratios"].items():
        target = TARGETS.get(name)
        verdict = "" if target is None else f"  target {target}: {'met' if value <= target else 'missed'}"
        lines.append(f"{name:<46}{value:>7.3f}{verdict}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
