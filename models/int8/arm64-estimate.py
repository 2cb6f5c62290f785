#!/usr/bin/env python3
"""Estimates the time of the networks on arm64 boards: inner loops of a built program through llvm-mca.

  models/int8/arm64-estimate.py PROGRAM     # any arm64 program with the kernels in it, not stripped
  MCA=llvm-mca-19 models/int8/arm64-estimate.py PROGRAM

It finds the inner loop of each tile by its instructions, asks llvm-mca for its cycles, cuts each layer as tiles.rs does, and
adds a stated cost for rounding. Caches, memory and branches are not in it.
"""
import os
import re
import subprocess
import sys

MCA = os.environ.get("MCA", "llvm-mca")
OBJDUMP = os.environ.get("OBJDUMP", "aarch64-linux-gnu-objdump")
# Name, instruction that ends a sum, instructions that load a pixel and how many make one, model, board, clock in GHz,
# cycles to round and store one vector of four channels (about eight instructions), most pixels for 1, 2, ... vectors.
KERNELS = [
    ("neon", "sadalp", r"ld1r", 2, "cortex-a57", "Raspberry Pi 4", 1.5, 6, [8, 8, 5, 4],
     lambda p, v: max(2 * p * v, 2 * p + v, -(-(3 * p * v + 2 * p) // 2)), 4),
    ("neon_dot", "sdot", r"ldr\s+s|ld1r", 1, "neoverse-n1", "Raspberry Pi 5", 2.4, 4, [16, 12, 8, 6],
     lambda p, v: max(p * v, p + v, 8), 5),
]
USUAL = [(1, 16, 2), (16, 32, 2), (32, 32, 1), (32, 64, 2), (64, 64, 1), (64, 96, 2), (96, 96, 1)]
# As the shipped bundle's manifest has them.
ANSWER = [(2, 16, 2), (16, 16, 2), (16, 16, 2), (16, 48, 1), (48, 96, 1), (96, 48, 2), (48, 48, 1)]
LANDMARKS = [(1, 16, 2), (16, 24, 2), (24, 24, 1), (24, 48, 2), (48, 48, 1), (48, 80, 2), (80, 80, 1)]


def functions(program, kernel):
    text = subprocess.run([OBJDUMP, "-d", "--no-show-raw-insn", program], capture_output=True, text=True, check=True)
    for part in text.stdout.split("\n\n"):
        if re.search(rf"<.*kernels\d+{kernel}5block.*>:", part):
            yield part.split("\n")


def inner_loop(lines, ends):
    at = {int(m.group(1), 16): i for i, line in enumerate(lines) if (m := re.match(r"\s*([0-9a-f]+):", line))}
    best = None
    for i, line in enumerate(lines):
        m = re.match(r"\s*[0-9a-f]+:\s+(?:b\.\w+|cbn?z\s+\w+,)\s*([0-9a-f]+)", line)
        start = at.get(int(m.group(1), 16)) if m else None
        if start is not None and start < i:
            body = lines[start : i + 1]
            if any(ends in one for one in body) and (best is None or len(body) < len(best)):
                best = body
    return [re.sub(r"\s*(<|//).*", "", line.split(":", 1)[1]).strip() for line in best] if best else []


def cycles(loop, model):
    body = [re.sub(r"^(b\.\w+|cbn?z\s+\w+,)\s*[0-9a-f]+$", r"\1 .L0", one) for one in loop]
    command = [MCA, "-march=aarch64", f"-mcpu={model}", "-mattr=+dotprod", "-iterations=200"]
    said = subprocess.run(command, input=".L0:\n" + "\n".join(body) + "\n", capture_output=True, text=True, check=True)
    return int(re.search(r"Total Cycles:\s+(\d+)", said.stdout).group(1)) / 200


def cut(layer, columns, quads, most, time, store):
    """The blocks of a layer, as tiles.rs finds them: [(vectors, pixels)]."""
    def width(vectors):
        cost = lambda p: -(-columns // p) * (quads * time(p, vectors) + p * vectors * store)
        return min((cost(p), -p) for p in range(1, min(most[vectors - 1], columns) + 1))
    total = -(-layer[1] // 4)
    best = [(0, 0, 0)] * (total + 1)
    for rest in range(1, total + 1):
        options = [(best[rest - taken][0] + width(taken)[0], -taken, width(taken)[1]) for taken in range(1, min(4, rest) + 1)]
        least = min(options)
        best[rest] = (least[0], -least[1], -least[2])
    rest = total
    while rest:
        _, taken, pixels = best[rest]
        yield taken, pixels
        rest -= taken


def main():
    for kernel, ends, load, loads, model, board, ghz, rounding, most, time, store in KERNELS:
        measured = {}
        for lines in functions(sys.argv[1], kernel):
            loop = inner_loop(lines, ends)
            sums, pixels = (sum(bool(re.match(rf"({what})", one)) for one in loop) for what in (ends, load))
            if loop and pixels % loads == 0 and sums % (pixels // loads) == 0:
                measured[pixels // loads, sums * loads // pixels] = cycles(loop, model)
        print(f"{kernel}: model {model}, {board} at {ghz} GHz")
        for (pixels, vectors), value in sorted(measured.items()):
            if pixels * vectors >= 12:
                print(f"  {pixels} x {vectors}: {value:.1f} cycles a quad, {pixels * vectors * 16 / value:.1f} MAC a cycle")
        for name, layers in ("usual", USUAL), ("shipped, answer", ANSWER), ("shipped, landmarks", LANDMARKS):
            side, all_cycles, work = 128, 0, 0
            for layer in layers:
                side //= layer[2]
                quads = 3 * -(-3 * layer[0] // 4)
                work += side * side * layer[1] * 9 * layer[0]
                for vectors, pixels in cut(layer, side, quads, most, time, store):
                    # A loop that was not found: as fast as the kernel's own rule says.
                    quad = measured.get((pixels, vectors), time(pixels, vectors) / (1 if kernel == "neon" else 2))
                    all_cycles += side * -(-side // pixels) * (quads * quad + pixels * vectors * rounding)
            print(f"  {name}: {work / 1e6:.1f} million, {work / all_cycles:.1f} MAC a cycle, {all_cycles / ghz / 1e6:.2f} ms")


main()
