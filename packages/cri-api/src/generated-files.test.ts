// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { generate } from '../scripts/generated-files.ts';

it.each(Object.entries(generate()))(
  'src/generated/%s is what scripts/generate.ts makes of proto/',
  (name, text) => {
    expect(readFileSync(join(import.meta.dirname, 'generated', name), 'utf8')).toBe(text);
  },
);
