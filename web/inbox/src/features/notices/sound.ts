/** Two short tones, made here: nothing is loaded for them. */
export function beep(): void {
  try {
    const ctx = new AudioContext();
    for (const [at, pitch] of [
      [0, 660],
      [0.12, 880],
    ] as const) {
      const tone = ctx.createOscillator();
      const loud = ctx.createGain();
      tone.frequency.value = pitch;
      loud.gain.setValueAtTime(0.0001, ctx.currentTime + at);
      loud.gain.exponentialRampToValueAtTime(0.12, ctx.currentTime + at + 0.02);
      loud.gain.exponentialRampToValueAtTime(0.0001, ctx.currentTime + at + 0.2);
      tone.connect(loud).connect(ctx.destination);
      tone.start(ctx.currentTime + at);
      tone.stop(ctx.currentTime + at + 0.22);
    }
    setTimeout(() => void ctx.close(), 600);
  } catch {
    // a browser without sound
  }
}
