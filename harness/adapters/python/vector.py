#!/usr/bin/env python3
"""A vector clock behind clockbench's protocol (docs/protocol.md): a start for
a clock of your own. It sizes its stamps as the scheme `vc` writes them, so both
have the same rows:

    clockbench run churn --clock 'py=python3 harness/adapters/python/vector.py' --clocks vc
"""
import sys

HELLO = """protocol 1
name vector clock
version 1
guarantees complete sound consistent distinct
assume unique-ids
needs ids
can restart save twin
"""


def varint(value):
    """How many bytes a number takes in LEB128."""
    return max(1, -(-value.bit_length() // 7))


def size(state):
    """Bytes of a stamp or a clock: gaps between ids and counters, as few bits
    each as the largest needs, and the rank of the own entry."""
    own, vector = state
    total = varint(len(vector))
    gaps = counters = before = 0
    for name in sorted(vector):
        gaps |= name - before
        counters |= vector[name] - 1
        before = name
    if vector:
        bits = len(vector) * (max(1, gaps.bit_length()) + counters.bit_length())
        total += 2 + -(-bits // 8)
    if own in vector:
        return total + varint(1 + sum(name < own for name in vector))
    return total + 1 + 8


def compare(a, b):
    (x, first), (y, second) = a, b
    before, after = second.get(x, 0) >= first[x], first.get(y, 0) >= second[y]
    return {(1, 1): "=!", (1, 0): "<!", (0, 1): ">!", (0, 0): "|!"}[before, after]


def merge(state, other):
    vector = state[1]
    for name, counter in other[1].items():
        if vector.get(name, 0) < counter:
            vector[name] = counter


def copy(state):
    return state[0], dict(state[1])


def main():
    clocks, stamps, saved, answer, line_number = {}, {}, {}, [], 0
    for line in sys.stdin:
        words = line.split()
        if not words:
            sys.stdout.write("".join(part + "\n" for part in answer) + "\n")
            sys.stdout.flush()
            answer, line_number = [], 0
            continue
        verb, numbers = words[0], [int(word) for word in words[1:]]
        if verb == "cmp":
            answer.append(compare(stamps[numbers[0]], stamps[numbers[1]]))
        elif verb == "event":
            own, vector = clocks[numbers[0]]
            vector[own] = vector.get(own, 0) + 1
            stamps[numbers[1]] = own, dict(vector)
        elif verb == "size":
            answer.append(str(size(stamps[numbers[0]])))
        elif verb == "csize":
            answer.append(str(size(clocks[numbers[0]])))
        elif verb == "merge":
            merge(clocks[numbers[0]], stamps[numbers[1]])
        elif verb == "fork":
            clocks[numbers[1]] = numbers[2], dict(clocks[numbers[0]][1])
        elif verb == "join":
            merge(clocks[numbers[0]], clocks.pop(numbers[1]))
        elif verb == "crash":
            del clocks[numbers[0]]
        elif verb == "restart":
            clocks[numbers[0]] = copy(clocks[numbers[0]])
        elif verb == "save":
            saved[numbers[1]] = copy(clocks[numbers[0]])
        elif verb == "restore":
            clocks[numbers[0]] = copy(saved[numbers[1]])
        elif verb == "twin":
            clocks[numbers[1]] = copy(clocks[numbers[0]])
        elif verb == "begin":
            clocks, stamps, saved = {}, {}, {}
        elif verb == "seed":
            clocks[numbers[0]] = numbers[1], {}
        elif verb == "hello":
            answer.append(HELLO.rstrip())
        else:
            answer.append(f"err {line_number} unsupported {verb}")
        line_number += 1


main()
