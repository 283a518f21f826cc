// SPDX-License-Identifier: Apache-2.0

/** Whose addresses and rules are changed, and until when. */
export interface Owner {
  readonly network: string;
  readonly containerId: string;
  readonly signal?: AbortSignal | undefined;
}
