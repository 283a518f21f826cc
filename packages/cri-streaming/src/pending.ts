// SPDX-License-Identifier: Apache-2.0
import type { AttachStreaming, ExecStreaming, PortForwarding } from './types.ts';

/** What a URL stands for; `kind` is the first part of its path. */
export type Pending =
  | { readonly kind: 'exec'; readonly request: ExecStreaming }
  | { readonly kind: 'attach'; readonly request: AttachStreaming }
  | { readonly kind: 'portforward'; readonly request: PortForwarding };

/** When this side ends a session. */
export interface SessionLimits {
  readonly idleTimeoutMs: number;
  readonly streamTimeoutMs: number;
  /** Aborts, with the reason, when the server ends. */
  readonly ending: AbortSignal;
}

/** The members of a header that is a list, and may be given several times. */
export function listHeader(value: string | readonly string[] | undefined): readonly string[] {
  return [value ?? []]
    .flat()
    .flatMap((line) => line.split(','))
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
