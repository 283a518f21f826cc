// SPDX-License-Identifier: Apache-2.0

/**
 * A command line without the program's name: words, or a text that is cut at spaces outside of single quotes. A text
 * that begins with `!` is for `sh`, in the row's folder, where `$TOOL` starts the program.
 *
 * `{image}` is the image that both stores have, `{digest}` that of its manifest, `{registry}` the registry that it came
 * from, `{source}` its name there,
 * `{row}` a word that no other row has, `{dir}` the row's folder, `{tool}` the name of the program.
 */
export type Line = string | readonly string[];

/** One case of the table: what podman and lading do alike, each on a store of its own. */
export interface Row {
  /** A sentence; unique in its family. */
  readonly name: string;
  /** Run first; must end with 0. */
  readonly before?: readonly Line[] | undefined;
  /** Exit code, stdout and the kind of stderr of each are compared; effects are seen by lines that look at them. */
  readonly lines: readonly Line[];
  /** Run last, whatever happened: rows share their stores, and leave them as they were. */
  readonly after?: readonly Line[] | undefined;
  /** The stdout of these lines (from 0) is compared as a set of lines: podman gives it in any order. */
  readonly unordered?: readonly number[] | undefined;
  /** The stdout of these lines is not compared, such as an id that each tool makes up. */
  readonly ignored?: readonly number[] | undefined;
  /** Only the first match in stdout is compared. */
  readonly only?: RegExp | undefined;
  /** What else may differ on stdout: each match becomes `~`. */
  readonly ignore?: RegExp | undefined;
  readonly differs?: Differs | undefined;
}

/** Where lading differs on purpose. */
export interface Differs {
  readonly reason: string;
  /** What lading does on the lines (from 0) that differ: what is not said here is as with podman. */
  readonly lines: Readonly<Record<number, Different>>;
}

export interface Different {
  readonly code?: number | undefined;
  readonly out?: string | RegExp | undefined;
  readonly err?: ErrorKind | undefined;
}

/** What is on stderr: nothing, a failure of the program's own (`Error: …`), or something else. */
export type ErrorKind = 'nothing' | 'error' | 'words';
