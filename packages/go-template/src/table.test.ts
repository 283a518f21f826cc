// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { quote, renderTable } from './index.ts';

describe('renderTable', () => {
  it('pads to twelve characters at least and never the last cell', () => {
    const rows = [
      ['a', 'bb', 'c'],
      ['0123456789abc', 'd', 'e'],
    ];
    expect(renderTable(rows, { header: ['ONE', 'TWO', 'THREE'] })).toBe(
      'ONE            TWO         THREE\na              bb          c\n0123456789abc  d           e\n',
    );
  });

  it('is empty without rows and header', () => {
    expect(renderTable([])).toBe('');
  });
});

it('quotes as Go does, terminal escapes too', () => {
  expect(quote('a"\n\u001b\u200b')).toBe('"a\\"\\n\\x1b\\u200b"');
});
