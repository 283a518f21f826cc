// SPDX-License-Identifier: Apache-2.0
import { singleLine } from '@lading/command-line';
import type { EngineEvent } from '@lading/engine';
import { type GoTime, parseGoTime } from '@lading/go-template';

/** An event in podman's words, for templates. */
export interface EventRow {
  readonly ContainerExitCode: number;
  readonly HealthStatus: string;
  readonly ID: string;
  readonly Image: string;
  readonly Name: string;
  /** podman's, of events that there are none of. */
  readonly Network: '';
  readonly Status: string;
  readonly Time: GoTime | undefined;
  readonly Type: string;
  readonly Attributes: ReadonlyMap<string, string>;
}

export function eventRow({
  id,
  name = '',
  action,
  time,
  type,
  attributes = {},
  labels = {},
}: EngineEvent): EventRow {
  const { health_status: health } = attributes;
  return {
    ContainerExitCode: Number(attributes.exitCode ?? 0),
    HealthStatus: health ?? '',
    ID: type === 'volume' ? '' : id,
    Image: attributes.image ?? '',
    Name: name,
    Network: '',
    Status: action,
    Time: parseGoTime(time),
    Type: type,
    Attributes: new Map(
      Object.entries({ ...labels, ...(health !== undefined && { health_status: health }) }),
    ),
  };
}

/** What JSON has of it: members without a value are left out. */
export function eventDetails(row: EventRow): Readonly<Record<string, unknown>> {
  const { ContainerExitCode, HealthStatus, ID, Image, Name, Status, Time, Type, Attributes } = row;
  return {
    ...(ContainerExitCode !== 0 && { ContainerExitCode }),
    ...(HealthStatus !== '' && { HealthStatus }),
    ...(ID !== '' && { ID }),
    ...(Image !== '' && { Image }),
    ...(Name !== '' && { Name }),
    Status,
    Time,
    Type,
    Attributes: Attributes.size > 0 || Type === 'container' ? Attributes : null,
  };
}

/** The line without a format. */
export function eventLine(row: EventRow, isShort: boolean): string {
  const { ID, Image, Name, Status, Time, Type, Attributes } = row;
  const id = isShort ? ID.slice(0, 12) : ID;
  const start = `${String(Time)} ${Type} ${Status}`;
  if (Type === 'volume') return singleLine(`${start} ${Name}`);
  if (Type === 'image') return singleLine(`${start} ${id} ${Name}`);
  const labels = [...Attributes].map(([key, value]) => `, ${key}=${value}`).join('');
  return singleLine(`${start} ${id} (image=${Image}, name=${Name}${labels})`);
}
