// SPDX-License-Identifier: Apache-2.0
import { type GoTime, parseGoTime } from '@lading/go-template';
import type { ContainerConfig, History, ImageConfig } from '@lading/image-spec';
import { digestField } from './digest-field.ts';
import { goTime } from './go-json.ts';

/** Members in the order of the OCI's Go structs; what those do not have, skopeo does not print. */
const containerMembers = [
  ...['User', 'ExposedPorts', 'Env', 'Entrypoint', 'Cmd', 'Volumes', 'WorkingDir', 'Labels', 'StopSignal'],
  'ArgsEscaped',
] as const;
const historyMembers = ['created', 'created_by', 'author', 'comment', 'empty_layer'] as const;

/** The config as `inspect --config` prints it: the members that the specification knows, in its order. */
export function configDocument(config: ImageConfig): Readonly<Record<string, unknown>> {
  const { created, author, architecture, os, rootfs, history } = config;
  return {
    ...(created === undefined ? {} : { created: goTime(created) }),
    ...(author ? { author } : {}),
    architecture,
    ...pick(config, ['variant']),
    os,
    ...pick(config, ['os.version', 'os.features']),
    config: pick(config.config ?? {}, containerMembers),
    rootfs: { type: rootfs.type, diff_ids: rootfs.diff_ids },
    ...(history === undefined || history.length === 0 ? {} : { history: history.map(historyDocument) }),
  };
}

/** The config for Go templates, by the names of the fields in Go. */
export function configFields(config: ImageConfig): Readonly<Record<string, unknown>> {
  const { config: container = {} } = config;
  return {
    Created: timeField(config.created),
    Author: config.author ?? '',
    Architecture: config.architecture,
    Variant: config.variant ?? '',
    OS: config.os,
    OSVersion: config['os.version'] ?? '',
    OSFeatures: config['os.features'] ?? [],
    Config: containerFields(container),
    RootFS: { Type: config.rootfs.type, DiffIDs: config.rootfs.diff_ids.map(digestField) },
    History: (config.history ?? []).map((entry) => ({
      Created: timeField(entry.created),
      CreatedBy: entry.created_by ?? '',
      Author: entry.author ?? '',
      Comment: entry.comment ?? '',
      EmptyLayer: entry.empty_layer ?? false,
    })),
  };
}

function timeField(text: string | undefined): GoTime | null {
  return text === undefined ? null : (parseGoTime(text) ?? null);
}

function containerFields(container: ContainerConfig): Readonly<Record<string, unknown>> {
  const map = (record: Readonly<Record<string, unknown>> | undefined) =>
    new Map(Object.entries(record ?? {}));
  return {
    User: container.User ?? '',
    ExposedPorts: map(container.ExposedPorts),
    Env: container.Env ?? [],
    Entrypoint: container.Entrypoint ?? [],
    Cmd: container.Cmd ?? [],
    Volumes: map(container.Volumes),
    WorkingDir: container.WorkingDir ?? '',
    Labels: map(container.Labels),
    StopSignal: container.StopSignal ?? '',
    ArgsEscaped: 'ArgsEscaped' in container && container.ArgsEscaped === true,
  };
}

function historyDocument(entry: History): Readonly<Record<string, unknown>> {
  const picked = pick(entry, historyMembers);
  return entry.created === undefined ? picked : { ...picked, created: goTime(entry.created) };
}

/** The members that are there and not empty, as Go's omitempty has it; maps sorted by key. */
function pick(value: object, names: readonly string[]): Readonly<Record<string, unknown>> {
  const members = new Map<string, unknown>(Object.entries(value));
  return Object.fromEntries(
    names.flatMap((name): [string, unknown][] => {
      const member = members.get(name);
      if (member === undefined || member === '' || member === false) return [];
      if (typeof member !== 'object' || member === null) return [[name, member]];
      if (Object.keys(member).length === 0) return [];
      return [[name, Array.isArray(member) ? member : new Map(Object.entries(member))]];
    }),
  );
}
