// SPDX-License-Identifier: Apache-2.0

/** Output without what no two runs share: made-up ids, times, ages, and the folder of the row. */
export function normalized(out: string, dir: string): string {
  return out
    .replaceAll(dir, '{dir}')
    .replaceAll(/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?(Z|[+-]\d\d:?\d\d))?( UTC)?/g, '<time>')
    .replaceAll(/(Less than a second|About an? \w+|\d+ \w+) ago/g, '<age>')
    .replaceAll(/(?<=\n|^)[\da-f]{64}(?=\n|$)/g, '<id>');
}
