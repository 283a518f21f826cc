// SPDX-License-Identifier: Apache-2.0

/** One case of the table: command lines that podman and lading run alike, one after the other. */
export interface Row {
  /** A sentence; unique in its file. */
  readonly name: string;
  /**
   * Command lines without the program's name: split at spaces, or words. One that begins with `!` is for the shell, in
   * the row's folder: it looks at effects outside of the store. `{image}` is the image that both stores have,
   * `{registry}` the registry that it came from, `{row}` a word that no other row has, `{dir}` the row's folder.
   */
  readonly lines: readonly (string | readonly string[])[];
  /** The stdout of these lines (from 0) is only compared as a set of lines: podman gives it in any order. */
  readonly unordered?: readonly number[] | undefined;
  /** The stdout of these lines is not compared, such as an id that each tool makes up. */
  readonly ignored?: readonly number[] | undefined;
  /** Where lading differs on purpose: why, and what it does on each line that differs. */
  readonly differs?:
    | {
        readonly reason: string;
        readonly lines: Readonly<Record<number, { readonly code?: number; readonly out?: string }>>;
      }
    | undefined;
}
