// SPDX-License-Identifier: Apache-2.0
import type { Transcript } from './transcript.ts';

/** What the chapters of the quickstart share. */
export interface Journey {
  readonly transcript: Transcript;
  /** The environment of the programs: a home, a store and a network below the temporary root. */
  readonly env: NodeJS.ProcessEnv;
  readonly root: string;
  readonly work: string;
  readonly networkDir: string;
  readonly signal: AbortSignal;
}
