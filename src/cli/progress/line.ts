/** One line of progress, in characters that every terminal has. */
export interface LayerProgress {
  readonly layer: string;
  readonly ended: number;
  readonly steps: number;
}

const barWidth = 12;

/** `inject    [####--------]  4/12`, without colours. */
export function layerText({ ended, layer, steps }: LayerProgress): string {
  const filled = steps === 0 ? 0 : Math.floor((ended / steps) * barWidth);
  const bar = `[${"#".repeat(filled)}${"-".repeat(barWidth - filled)}]`;
  return `${layer.padEnd("simulate".length)}  ${bar}  ${`${ended}/${steps}`.padStart("99/99".length)}`;
}

/** `1 min 20 s`, rounded as coarsely as a forecast is good. */
export function timeText(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor((seconds % 60) / 10) * 10} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export interface RunProgress {
  readonly elapsed: number;
  readonly budget: number;
  readonly left: number;
  /** The activity of the current step. */
  readonly detail: string;
}

export function runText({ budget, detail, elapsed, left }: RunProgress): string {
  const share = Math.min(100, Math.floor((elapsed / budget) * 100));
  return `${String(share).padStart(3)} % of ${timeText(budget)}, about ${timeText(left)} left  ${detail}`;
}
