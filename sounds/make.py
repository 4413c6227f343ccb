#!/usr/bin/env python3
"""Speaks every sounds/<language>/<phrase>.txt into the .wav beside it, and composes the hold music.

    python3 -m venv .tts && .tts/bin/pip install pyopenjtalk-plus
    apt-get install flite espeak-ng sox
    .tts/bin/python sounds/make.py [en|zh|ja|music ...]

All files are 16 kHz, mono, 16 bit. The WAVs are kept in the repository, so only a new text needs this.
"""

import math
import struct
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

HERE = Path(__file__).resolve().parent
RATE = 16000


def main():
    wanted = sys.argv[1:] or ["en", "zh", "ja", "music"]
    for language, speak in (("en", english), ("zh", chinese), ("ja", japanese)):
        if language in wanted:
            for text in sorted((HERE / language).glob("*.txt")):
                make_phrase(speak, text)
    if "music" in wanted:
        write_wav(HERE / "music" / "calm.wav", calm(), peak_db=-9)


# Words that are strung together follow each other closely.
WORDS = ("digit_", "number_")


def make_phrase(speak, text):
    with tempfile.TemporaryDirectory() as folder:
        raw, cut = Path(folder) / "raw.wav", Path(folder) / "cut.wav"
        speak(text.read_text().strip(), raw)
        quiet = ["silence", "1", "0.01", "0.1%", "reverse"]
        around = "0.03" if text.name.startswith(WORDS) else "0.1"
        subprocess.run(
            ["sox", "-D", raw, "-r", str(RATE), "-c", "1", "-b", "16", cut,
             *quiet, *quiet, "pad", around, around, "norm", "-3"],
            check=True,
        )
        with wave.open(str(cut)) as file:
            samples = struct.unpack(f"<{file.getnframes()}h", file.readframes(file.getnframes()))
        write_loud(text.with_suffix(".wav"), samples)


# As loud as each other: the mean power of what is spoken, without the pauses. What would be louder than a sample can
# be is bent softly.
LOUD_DBFS = -18.5
FRAME = RATE // 50
PAUSE_DB = -30
BEND = 0.7


def write_loud(path, samples):
    powers = [sum(x * x for x in samples[at:at + FRAME]) / FRAME for at in range(0, len(samples), FRAME)]
    spoken = [power for power in powers if power > max(powers) * 10 ** (PAUSE_DB / 10)]
    gain = 10 ** (LOUD_DBFS / 20) / math.sqrt(sum(spoken) / len(spoken))
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(b"".join(struct.pack("<h", round(bent(x * gain) * 32767)) for x in samples))


def bent(x):
    over = abs(x) - BEND
    if over <= 0:
        return x
    return math.copysign(BEND + (0.95 - BEND) * math.tanh(over / (0.95 - BEND)), x)


def english(text, out):
    subprocess.run(["flite", "-voice", "rms", "-t", text, "-o", out], check=True)


def chinese(text, out):
    subprocess.run(["espeak-ng", "-v", "cmn", "-s", "170", "-w", out, text], check=True)


def japanese(text, out):
    import pyopenjtalk

    sound, rate = pyopenjtalk.tts(text)
    samples = b"".join(struct.pack("<h", round(max(-32768, min(32767, x)))) for x in sound)
    with wave.open(str(out), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(samples)


# The hold music: eight bars of three chords' worth of calm, twice, that end where they begin. D flat major has no A,
# so a test can tell it from a 440 Hz tone; everything lies in what a telephone passes.

BEAT_S = 0.75
BARS = (  # chord, and the notes plucked over it, one a beat; numbers are MIDI notes
    ((49, 56, 61, 65), (77, 73, 80, 77)),
    ((46, 58, 61, 65), (73, 70, 77, 73)),
    ((54, 58, 61, 66), (78, 73, 82, 78)),
    ((56, 60, 63, 66), (80, 75, 72, 75)),
    ((49, 56, 61, 65), (77, 80, 85, 80)),
    ((53, 56, 60, 65), (77, 72, 80, 77)),
    ((54, 58, 61, 66), (82, 78, 73, 78)),
    ((56, 60, 63, 68), (75, 80, 84, 80)),
)


def calm():
    bar = 4 * BEAT_S
    length = round(2 * len(BARS) * bar * RATE)
    sound = [0.0] * length
    for turn in range(2):
        for number, (chord, melody) in enumerate(BARS):
            start = (turn * len(BARS) + number) * bar
            for note in chord:
                add(sound, start - 0.4, bar + 0.8, note, 0.10, pad)
            for beat, note in enumerate(melody):
                if turn == 0 or beat % 2 == 0:
                    add(sound, start + beat * BEAT_S, 2.5, note, 0.22, pluck)
                else:
                    add(sound, start + beat * BEAT_S, 2.5, note - 12, 0.16, pluck)
    return sound


def add(sound, start_s, length_s, note, level, voice):
    """Adds one note; what reaches over an end comes back at the other, so that the piece has no seam."""
    hertz = 440 * 2 ** ((note - 69) / 12)
    count = round(length_s * RATE)
    first = round(start_s * RATE)
    for n in range(count):
        sound[(first + n) % len(sound)] += level * voice(n / RATE, length_s, hertz)


def pad(t, length_s, hertz):
    edge = 0.8
    swell = min(1, t / edge, (length_s - t) / edge)
    angle = 2 * math.pi * hertz * t
    return swell * (math.sin(angle) + 0.4 * math.sin(2 * angle + 0.3 * math.sin(2 * math.pi * 0.7 * t)))


def pluck(t, length_s, hertz):
    angle = 2 * math.pi * hertz * t
    fade = min(1, t / 0.01, (length_s - t) / 0.1)
    return fade * (math.exp(-2.2 * t) * math.sin(angle) + 0.35 * math.exp(-5 * t) * math.sin(2 * angle))


def write_wav(path, sound, peak_db):
    scale = 32767 * 10 ** (peak_db / 20) / max(map(abs, sound))
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(b"".join(struct.pack("<h", round(x * scale)) for x in sound))


if __name__ == "__main__":
    main()
