// SPDX-License-Identifier: Apache-2.0

/**
 * Command lines that are run with podman and with lading, each on a store of its own that holds `localhost/hello`.
 *
 * A line is cut at spaces, but for what is in single quotes. `$IMAGE` is the image at its registry, `$HOST` that
 * registry, `$DIR` a folder of the row's own, `$NAME` the name of the program. A line that begins with `!` is for `sh`, in that folder, where `$TOOL` starts
 * the program.
 */
export interface Row {
  /** A sentence. */
  readonly name: string;
  /** Run first, with the same programs; must end with 0. */
  readonly before?: readonly string[];
  /** Each one's exit code and stdout are compared; effects are seen by lines that look at them. */
  readonly lines: readonly string[];
  /** Run last, whatever happened. */
  readonly after?: readonly string[];
  /** What else may differ: each match becomes `~`. */
  readonly ignore?: RegExp;
  /** Why the answers are not the same, on purpose: this is then what lading says. */
  readonly differs?: { readonly because: string; readonly codes: readonly number[]; readonly out?: RegExp };
}
