// SPDX-License-Identifier: Apache-2.0

/**
 * One command line that both programs are given. `$R` is the registry, `$NS` a namespace of its own for each
 * program, `$H` the digest of the image in `oci`.
 */
export interface Row {
  readonly argv: readonly string[];
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** References at the registry whose manifests are to be the same afterwards. */
  readonly look?: readonly string[];
  /** What is different on purpose, and why. */
  readonly differs?: Difference;
}

export interface Difference {
  readonly why: string;
  /** Our exit code, where skopeo's is another. */
  readonly code?: number;
  /** Our stdout, or what becomes of it before it is compared. */
  readonly stdout?: string | ((text: string) => string);
  /** What is not compared: `why` says what is not the same. */
  readonly unlike?: readonly ('stdout' | 'bytes')[];
}

/** Rows of one command, flags first, given as one line each where no word has a space. */
export function rows(command: string, lines: readonly (string | Row)[]): readonly Row[] {
  return lines.map((line) => {
    const row = typeof line === 'string' ? { argv: line.split(' ') } : line;
    return { ...row, argv: [...command.split(' '), ...row.argv].filter((word) => word !== '') };
  });
}

/** For a wrong number of words. */
export const helps: Difference = {
  why: 'skopeo 1.9 prints its help and ends with 0, where later ones fail',
  code: 1,
  unlike: ['stdout'],
};
