// SPDX-License-Identifier: Apache-2.0
import { formatBytes } from '../format-bytes.ts';

/** Speed and time left of work that began at some moment; empty as long as there is nothing to tell. */
export function rateText(currentBytes: number, totalBytes: number, elapsedMs: number): string {
  if (elapsedMs < 500 || currentBytes === 0) return '';
  const perSecond = (currentBytes / elapsedMs) * 1000;
  const speed = `${formatBytes(Math.round(perSecond))}/s`;
  if (totalBytes <= currentBytes) return speed;
  return `${speed}, ${timeText((totalBytes - currentBytes) / perSecond)} left`;
}

function timeText(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m${String(whole % 60).padStart(2, '0')}s`;
  return `${Math.floor(whole / 3600)}h${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')}m`;
}
