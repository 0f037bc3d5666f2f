"""libntk and neural_tangents in turn on the same cases (ABAB), in one run of under 15 minutes.

    ./dev bench                      all cases
    ./dev bench --case relu3         one of them
    ./dev bench --nonlinearities     every nonlinearity that the peer has

Writes build/peers/comparison.json: medians, spreads, and the ratio of each round. The peer lives in a
virtual environment, build/peers/venv, made on the first run; --python names another that has it.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys

from cases import CASES, NONLINEARITIES, expression

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
PACKAGES = ["jax==0.4.30", "jaxlib==0.4.30", "neural-tangents==0.6.5", "numpy<2", "scipy<1.14"]


def environment(folder):
    """The Python of a virtual environment with the peer, made if it is not there."""
    python = folder / "venv" / "bin" / "python"
    done = folder / "venv" / "installed.txt"
    if not done.exists():
        if not (3, 9) <= sys.version_info[:2] <= (3, 12):
            sys.exit(f"compare: jax 0.4.30 exists for Python 3.9 to 3.12, this is {platform.python_version()}; "
                     "run compare.py with one of those, or give --python")
        print(f"Installing {' '.join(PACKAGES)} into {folder / 'venv'} (once) ...", flush=True)
        subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
        done.write_text("\n".join(PACKAGES) + "\n")
    return python


def run_json(command):
    """Runs a command and returns the JSON that is the last line, or all, of its standard output."""
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"compare: {' '.join(map(str, command))}\n{result.stderr[-2000:]}exit code {result.returncode}")
    try:
        return json.loads(result.stdout)
    except json.JSONDecodeError:
        return json.loads(result.stdout.strip().splitlines()[-1])


def time_ours(case, build, repeats):
    if case["kind"] == "gram":
        return run_json([build / "ntk", "bench", "gram", "--arch", expression(case), "--shape",
                         f"{case['n']},{case['width']}", "--dtype", "float32", "--device", "cpu",
                         "--repeats", repeats, "--json"])
    if case["kind"] == "images":
        return run_json([build / "bench" / "image_gram", f"{case['n']},32,32,3", "float32", repeats, expression(case)])
    sizes = [case[key] for key in ("train", "test", "width", "outputs")]
    solves = [case["solves"]] if "solves" in case else []
    return run_json([build / "bench" / "fit_predict", *sizes, repeats, *solves])


def time_peer(name, python, repeats, *flags):
    return run_json([python, HERE / "peer_neural_tangents.py", name, "--repeats", repeats, *flags])


def compare(name, case, python, build, rounds, repeats):
    ours, peer, floor = [], [], []
    for _ in range(rounds):
        ours.append(time_ours(case, build, repeats))
        if case["kind"] == "images":
            both = [time_peer(name, python, 1, "--dtype", dtype) for dtype in ("float32", "float64")]
            peer.append(min(both, key=lambda result: result["seconds"]) | {"both_precisions": both})
        else:
            peer.append(time_peer(name, python, repeats))
        if case["kind"] == "gram" and name not in NONLINEARITIES:
            floor.append(time_peer(name, python, repeats, "--floor"))
    ratios = [b["seconds"] / a["seconds"] for a, b in zip(ours, peer)]
    result = {"case": name, **case, "ours": ours, "neural_tangents": peer,
              "ours_seconds": statistics.median(a["seconds"] for a in ours),
              "neural_tangents_seconds": statistics.median(b["seconds"] for b in peer),
              "ratio": statistics.median(ratios), "ratio_min": min(ratios), "ratio_max": max(ratios)}
    if floor:
        over = [a["seconds"] / f["seconds"] for a, f in zip(ours, floor)]
        result |= {"ssyrk": floor, "ssyrk_seconds": statistics.median(f["seconds"] for f in floor),
                   "over_ssyrk": statistics.median(over)}
    result["holds"] = (result["ratio"] >= case.get("goal", 0) and
                       result.get("over_ssyrk", 0) <= case.get("floor_goal", float("inf")))
    return result


def line(result):
    text = (f"{result['case']:22} ours {result['ours_seconds']:8.3f} s   neural_tangents "
            f"{result['neural_tangents_seconds']:8.3f} s   ratio {result['ratio']:5.2f}")
    if "goal" in result:
        text += f" (goal {result['goal']:g})"
    if "over_floor" in result["ours"][0]:
        text += f"   {statistics.median(a['over_floor'] for a in result['ours']):.2f} x the floor"
    if "over_ssyrk" in result:
        text += f"   {result['over_ssyrk']:.2f} x ssyrk"
        if "floor_goal" in result:
            text += f" (goal {result['floor_goal']:g})"
    return text + ("" if result["holds"] else "   MISSED")


def machine():
    model = platform.processor()
    try:
        model = next(text.split(":", 1)[1].strip() for text in open("/proc/cpuinfo")
                     if text.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return {"processor": model, "cores": len(os.sched_getaffinity(0)), "system": platform.platform(),
            "load_before": os.getloadavg()[0]}


def chosen(arguments):
    if arguments.nonlinearities:
        return list(NONLINEARITIES)
    return arguments.case or [name for name in CASES if name not in NONLINEARITIES]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", action="append", choices=list(CASES), help="only this one; may be repeated")
    parser.add_argument("--nonlinearities", action="store_true", help="the cases op_*, one for each nonlinearity")
    parser.add_argument("--rounds", type=int, default=3, help="times that each is run in turn (3)")
    parser.add_argument("--repeats", type=int, default=3, help="calls timed in each run, after a warm-up (3)")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="folder with ntk")
    parser.add_argument("--python", type=pathlib.Path, help="a Python that has neural_tangents")
    parser.add_argument("--out", type=pathlib.Path, help="JSON file (build/peers/comparison.json)")
    arguments = parser.parse_args()
    folder = arguments.build / "peers"
    folder.mkdir(parents=True, exist_ok=True)
    python = arguments.python or environment(folder)

    report = {"date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
              "machine": machine(), "rounds": arguments.rounds, "repeats": arguments.repeats, "cases": []}
    for name in chosen(arguments):
        result = compare(name, CASES[name], python, arguments.build, arguments.rounds, arguments.repeats)
        print(line(result), flush=True)
        report["cases"].append(result)
    out = arguments.out or folder / "comparison.json"
    out.write_text(json.dumps(report, indent=1) + "\n")
    print(f"Written to {out}")
    return 0 if all(result["holds"] for result in report["cases"]) else 3


if __name__ == "__main__":
    sys.exit(main())
