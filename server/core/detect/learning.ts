// What is learnt of a source and outlives a restart, as JSON has it: NaN becomes null. The last hour is read from the counts.

/** Requests of a part of the last hour: all, and by track. */
export interface Snapshot {
  slots: number;
  total: number;
  bad: number[];
}

export interface Learning {
  first: number;
  last: number | null;
  answers: boolean;
  all: number[];
  rhythm: (number | null)[];
  families: [family: number, kept: number[]][];
  /** Not kept by earlier versions. */
  habits?: number[][];
  /** The newest, one by one: [second, failures, requests]; not kept by earlier versions either. */
  seconds?: [number, number, number][];
  /** Where the windows begin, s; nor was this. */
  since?: number;
  /** Not kept by earlier versions. */
  blips?: number[];
  /** What came before the open incident; nor this. */
  before?: Snapshot;
}
