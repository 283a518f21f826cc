// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { parseLinks } from './link.ts';

it.each([
  ['</v2/a/tags/list?n=2&last=b>; rel="next"', [{ target: '/v2/a/tags/list?n=2&last=b', rel: ['next'] }]],
  ['</a>; rel=next', [{ target: '/a', rel: ['next'] }]],
  ['</a>;REL="Next"', [{ target: '/a', rel: ['next'] }]],
  ['</a>; rel = "next"', [{ target: '/a', rel: ['next'] }]],
  ['</a>; rel="prev next"', [{ target: '/a', rel: ['prev', 'next'] }]],
  ['</a>; rel="prev"; rel="next"', [{ target: '/a', rel: ['prev'] }]],
  ['</a,b;c>; title="x, y; \\"z\\""; rel="next"', [{ target: '/a,b;c', rel: ['next'] }]],
  [
    '</a>; title="</evil>; rel=next", <https://r.example/b>; rel="next", </c>',
    [
      { target: '/a', rel: [] },
      { target: 'https://r.example/b', rel: ['next'] },
      { target: '/c', rel: [] },
    ],
  ],
  [', </a>; rel=next,', [{ target: '/a', rel: ['next'] }]],
  ['<>; rel="next"', [{ target: '', rel: ['next'] }]],
  ['</a>; flag; rel=next', [{ target: '/a', rel: ['next'] }]],
  ['</a>; rel="next', [{ target: '/a', rel: ['next'] }]],
  ['</a>; rel="ne\\', [{ target: '/a', rel: ['ne'] }]],
  ['', []],
  ['/a; rel="next"', []],
  ['</a; rel="next"', []],
  [`<${'a'.repeat(20_000)}>; rel="next"`, []],
])('%j', (header, links) => {
  expect(parseLinks(header)).toEqual(links);
});

it('reads fifty links at most', () => {
  expect(parseLinks('</a>; rel=next, '.repeat(200))).toHaveLength(50);
});
