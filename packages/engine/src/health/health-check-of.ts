// SPDX-License-Identifier: Apache-2.0
import type { ContainerConfig } from '@lading/image-spec';
import type { ContainerOptions } from '../types/container-options.ts';
import type { HealthCheck } from '../types/health.ts';

/** The check of a container: its own, or that of its image. */
export function healthCheckOf(
  { Healthcheck: ofImage }: ContainerConfig,
  { healthCheck }: ContainerOptions,
): HealthCheck | undefined {
  if (healthCheck !== undefined) return healthCheck;
  if (ofImage?.Test === undefined || ofImage.Test.length === 0) return undefined;
  const { Test, Interval = 0, Timeout = 0, StartPeriod = 0, Retries = 0 } = ofImage;
  // Nothing, and 0, and what makes no sense, stand for what there is without.
  return {
    test: Test,
    ...(Interval > 0 && { intervalMs: Interval / 1e6 }),
    ...(Timeout > 0 && { timeoutMs: Timeout / 1e6 }),
    ...(StartPeriod > 0 && { startPeriodMs: StartPeriod / 1e6 }),
    ...(Retries > 0 && { retries: Retries }),
  };
}

/** What it runs in the container; undefined when there is nothing to run. */
export function healthCommand(check: HealthCheck | undefined): readonly string[] | undefined {
  const [kind = '', ...words] = check?.test ?? [];
  const command =
    kind === 'CMD-SHELL' ? ['sh', '-c', words.join(' ')] : kind === 'CMD' ? words : [kind, ...words];
  const isThere = kind !== '' && kind !== 'NONE' && command.length > 0 && words[0] !== '';
  return isThere ? command : undefined;
}
