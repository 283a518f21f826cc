// SPDX-License-Identifier: Apache-2.0
import { humanAge } from '@lading/command-line';
import type { ContainerInfo } from '@lading/engine';
import { type NamespaceFields, type Namespaces, namespaceFields, noNamespaces } from '../ps/namespaces.ts';
import { textOf } from './create-command.ts';
import { portsText } from './ports.ts';

/** Titles of `ps` columns, by the name of the field. */
export const containerHeaders: Readonly<Record<string, string>> = {
  AutoRemove: 'AUTOREMOVE',
  CIDFile: 'CIDFILE',
  CGROUPNS: 'CGROUPNS',
  Command: 'COMMAND',
  Created: 'CREATED',
  CreatedAt: 'CREATED AT',
  CreatedHuman: 'CREATED',
  ExitCode: 'EXIT CODE',
  Exited: 'EXITED',
  ExitedAt: 'EXITED AT',
  ID: 'CONTAINER ID',
  Image: 'IMAGE',
  ImageID: 'IMAGE ID',
  IPC: 'IPC',
  IsInfra: 'ISINFRA',
  Labels: 'LABELS',
  MNT: 'MNT',
  Mounts: 'MOUNTS',
  Namespaces: 'NAMESPACES',
  Names: 'NAMES',
  NET: 'NET',
  Networks: 'NETWORKS',
  Pid: 'PID',
  PIDNS: 'PIDNS',
  Pod: 'POD ID',
  Ports: 'PORTS',
  Restarts: 'RESTARTS',
  RunningFor: 'CREATED',
  StartedAt: 'STARTED AT',
  State: 'STATE',
  Status: 'STATUS',
  USERNS: 'USERNS',
  UTS: 'UTS',
};

/** One container as `ps` shows it; field names are podman's. */
export interface ContainerRow extends NamespaceFields {
  readonly AutoRemove: boolean;
  readonly CIDFile: string;
  readonly Command: string;
  readonly Created: Date;
  readonly CreatedAt: Date;
  readonly CreatedHuman: string;
  readonly ExitCode: number;
  readonly Exited: boolean;
  readonly ExitedAt: number;
  readonly ID: string;
  readonly Image: string;
  readonly ImageID: string;
  readonly IsInfra: boolean;
  readonly Labels: ReadonlyMap<string, string>;
  readonly Mounts: readonly string[];
  readonly Names: string;
  readonly Namespaces: Namespaces;
  readonly Networks: string;
  readonly Pid: number;
  readonly Pod: string;
  readonly Ports: string;
  readonly Restarts: number;
  readonly RunningFor: string;
  readonly StartedAt: number;
  readonly State: string;
  readonly Status: string;
}

interface RowOptions {
  readonly truncate: boolean;
  readonly namespaces?: Namespaces;
}

/** The fields of one container for `ps --format`. */
export function containerRow(
  container: ContainerInfo,
  { truncate, namespaces = noNamespaces }: RowOptions,
): ContainerRow {
  const health = healthStatus(container);
  const status = `${statusText(container)}${health === '' ? '' : ` (${health})`}`;
  const created = new Date(container.createdAt);
  const command = container.process.args.join(' ');
  const short = (id: string): string => (truncate ? id.slice(0, 12) : id);
  return {
    AutoRemove: container.options.autoRemove ?? false,
    CIDFile: textOf(container.options.metadata, 'cidFile'),
    Command: truncate && command.length > 20 ? `${command.slice(0, 17)}...` : command,
    Created: created,
    CreatedAt: created,
    CreatedHuman: humanAge(created),
    ExitCode: container.exit?.exitCode ?? 0,
    Exited: hasEnded(container),
    ExitedAt: container.exit === undefined ? -62135596800 : seconds(container.exit.finishedAt),
    ID: short(container.id),
    Image: container.imageName,
    ImageID: short(container.imageId),
    IsInfra: false,
    Labels: new Map(Object.entries(container.options.labels ?? {})),
    Mounts: mountTargets(container),
    Names: container.name,
    Namespaces: namespaces,
    ...namespaceFields(namespaces),
    Networks: networkNames(container).join(','),
    Pid: container.pid,
    Pod: short(container.podId ?? ''),
    Ports: portsText(container),
    Restarts: container.retries ?? 0,
    RunningFor: humanAge(created),
    StartedAt: container.startedAt === undefined ? -62135596800 : seconds(container.startedAt),
    State: status,
    Status: status,
  };
}

/** `Up 3 minutes ago`, `Exited (7) 2 hours ago`, `Created`. */
function statusText(container: ContainerInfo): string {
  const { exit, run, startedAt, status } = container;
  if (status === 'running')
    return `Up ${humanAge(new Date(run?.startedAt ?? startedAt ?? container.createdAt))}`;
  if (status === 'paused') return 'Paused';
  if (status === 'created') return 'Created';
  if (status === 'initialized') return 'Initialized';
  if (exit === undefined) return 'Exited';
  return `Exited (${exit.exitCode}) ${humanAge(new Date(exit.finishedAt))}`;
}

/** podman's word for its health; empty without a check, and before the first start. */
export function healthStatus({ health, healthCheck }: ContainerInfo): string {
  return healthCheck?.test[0] === 'NONE' ? '' : (health?.status ?? '');
}

/** Volumes come last, as with podman. */
function mountTargets({ options: { mounts = [] } }: ContainerInfo): readonly string[] {
  const isVolume = ({ type }: { readonly type: string }): boolean => type === 'volume';
  return [...mounts.filter((mount) => !isVolume(mount)), ...mounts.filter(isVolume)].map(
    ({ target }) => target,
  );
}

/** podman's word for the state; a container that waits for its cleanup has ended all the same. */
export function stateName({ status }: ContainerInfo): string {
  return status === 'stopped' ? 'exited' : status;
}

export function hasEnded({ status }: ContainerInfo): boolean {
  return status === 'stopped' || status === 'exited';
}

/** The CNI networks that it is, or would be, connected to. */
export function networkNames({ run, options }: ContainerInfo): string[] {
  if (run !== undefined) return run.networks.map(({ network }) => network);
  const { network, networks } = options;
  if (networks !== undefined) return networks.map(({ name }) => name);
  return network === undefined || /^(none|host|pod|default|bridge$|container:|ns:)/.test(network)
    ? []
    : [network];
}

/** An element of `ps --format json`. */
export function containerJson(container: ContainerInfo): Readonly<Record<string, unknown>> {
  const row = containerRow(container, { truncate: false });
  return {
    AutoRemove: container.options.autoRemove ?? false,
    Command: container.process.args,
    CreatedAt: row.CreatedHuman,
    Exited: row.Exited,
    ExitedAt: row.ExitedAt,
    ExitCode: row.ExitCode,
    Id: container.id,
    Image: container.imageName,
    ImageID: container.imageId,
    IsInfra: false,
    Labels: row.Labels,
    Mounts: row.Mounts,
    Names: [container.name],
    Namespaces: {},
    Networks: networkNames(container),
    Pid: container.pid,
    Pod: container.podId ?? '',
    PodName: '',
    Ports: portsJson(container),
    Size: null,
    StartedAt: row.StartedAt,
    State: stateName(container),
    Status: row.Status,
    Created: seconds(container.createdAt),
  };
}

function portsJson({ options }: ContainerInfo) {
  if (options.portMappings === undefined || options.portMappings.length === 0) return null;
  return options.portMappings.map(({ hostIp = '', containerPort, hostPort, protocol = 'tcp' }) => ({
    host_ip: hostIp,
    container_port: containerPort,
    host_port: hostPort,
    range: 1,
    protocol,
  }));
}

function seconds(time: string): number {
  return Math.floor(Date.parse(time) / 1000);
}
