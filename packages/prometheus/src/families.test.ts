// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { createCounter, createGauge, createHistogram } from './families.ts';

it('counts for each set of labels, whose values may hold anything', () => {
  const counter = createCounter('c_total', 'Count.');
  counter.add({ a: '1', b: 'x' });
  counter.add({ a: '1', b: 'x' }, 2);
  counter.add({ a: '"\\\n', b: '' }, 0);
  expect(counter.render()).toBe(
    '# HELP c_total Count.\n# TYPE c_total counter\nc_total{a="1",b="x"} 3\nc_total{a="\\"\\\\\\n",b=""} 0\n',
  );
});

it('asks for a gauge at each scrape', () => {
  let value = 1;
  const gauge = createGauge('g', 'Gauge.', () => value);
  value = 2.5;
  expect(gauge.render()).toBe('# HELP g Gauge.\n# TYPE g gauge\ng 2.5\n');
  const several = createGauge('s', 'Several.', () => [
    [{ k: 'a' }, 1],
    [{ k: 'b' }, 2],
  ]);
  expect(several.render()).toBe('# HELP s Several.\n# TYPE s gauge\ns{k="a"} 1\ns{k="b"} 2\n');
});

it('puts each value of a histogram into its bucket and those above', () => {
  const histogram = createHistogram('h', 'Histogram.', [1, 2]);
  for (const value of [0.5, 1, 1.5, 9]) histogram.observe({ k: 'a' }, value);
  expect(histogram.render().split('\n').slice(2, -1)).toEqual([
    'h_bucket{k="a",le="1"} 2',
    'h_bucket{k="a",le="2"} 3',
    'h_bucket{k="a",le="+Inf"} 4',
    'h_sum{k="a"} 12',
    'h_count{k="a"} 4',
  ]);
});
