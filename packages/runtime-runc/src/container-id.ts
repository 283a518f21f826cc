// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';

/**
 * Container ids become file names, cgroup names and words of a command line: one that starts with a dash
 * would be read as an option, one with a slash would leave its folder.
 */
const pattern = /^[a-zA-Z0-9][a-zA-Z0-9_.+-]{0,127}$/;

/** @throws InvalidArgument when the id is not made of letters, digits and `_ . + -`, at most 128 of them */
export function checkContainerId(id: string): void {
  if (pattern.test(id)) return;
  throw new LadingError(
    Code.InvalidArgument,
    `container id ${JSON.stringify(id.slice(0, 140))} is not valid: use letters, digits and _ . + -, starting with a letter or digit`,
  );
}
