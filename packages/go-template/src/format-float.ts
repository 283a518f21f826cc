// SPDX-License-Identifier: Apache-2.0

/** A float as Go's strconv.FormatFloat writes it; no precision: as few digits as tell it from its neighbours. */
export function formatFloat(value: number, form: 'e' | 'f' | 'g', precision: number | undefined): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const digits = precision === undefined ? undefined : Math.min(precision, 100);
  if (form === 'e')
    return twoDigitExponent(digits === undefined ? value.toExponential() : value.toExponential(digits));
  if (form === 'f') return digits === undefined ? plainDigits(value) : fixed(value, digits);
  const significant = digits === undefined ? undefined : Math.max(1, digits);
  const scientific = significant === undefined ? value.toExponential() : value.toExponential(significant - 1);
  const [mantissa = '', power = '0'] = scientific.split('e');
  const trimmed = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  const exponent = Number(power);
  if (exponent >= -4 && exponent < (significant ?? 6)) return plainDigits(Number(`${trimmed}e${exponent}`));
  return twoDigitExponent(`${trimmed}e${exponent < 0 ? '' : '+'}${exponent}`);
}

function twoDigitExponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

function fixed(value: number, digits: number): string {
  // toFixed turns to exponents at 1e21.
  return Math.abs(value) < 1e21
    ? value.toFixed(digits)
    : `${BigInt(value)}${digits > 0 ? `.${'0'.repeat(digits)}` : ''}`;
}

/** The shortest digits without an exponent. */
function plainDigits(value: number): string {
  const text = String(value);
  if (!text.includes('e')) return text;
  const [mantissa = '', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  const sign = mantissa.startsWith('-') ? '-' : '';
  const all = mantissa.replace(/[-.]/g, '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${all}`;
  return `${sign}${all.padEnd(exponent + 1, '0')}`;
}
