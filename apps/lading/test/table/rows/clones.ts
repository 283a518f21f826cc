// SPDX-License-Identifier: Apache-2.0
import type { Row } from '../row.ts';
import { removeGroups } from './pod-flags.ts';

const list =
  "ps -a --filter name={row} --format '{{.Names}} {{.State}} {{.Command}} {{.Labels}}' --sort names";
const details =
  "inspect --format '{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.NanoCpus}} {{.HostConfig.CpuShares}} {{.HostConfig.CpusetCpus}} {{range .Mounts}}{{.Source}} {{.Destination}} {{.RW}}{{end}}'";

/** `container clone` and `pod clone`. */
export const cloneRows: readonly Row[] = [
  {
    name: 'container clone',
    before: ['create --name {row}a --memory 64m -e X=1 -v {dir}:/data --label k=v {image} sleep 1000'],
    lines: [
      'container clone {row}a',
      'container clone {row}a',
      'container clone --name {row}b --cpus 0.5 {row}a',
      'container clone --cpu-shares 5 --cpuset-cpus 0 --memory 32m --memory-reservation 5m {row}a {row}c',
      'container clone {row}a {row}d {image}',
      'container clone {row}a {row}b',
      list,
      `${details} {row}a-clone {row}a-clone1 {row}b {row}c`,
      '!id=$($TOOL inspect --format {{.ID}} {row}b); test $(echo $id | cut -c -12) = $($TOOL inspect --format {{.Config.Hostname}} {row}b)',
      'container clone --run {row}a {row}e',
      ['exec', '{row}e', 'sh', '-c', 'echo $X'],
    ],
  },
  {
    name: 'container clone --destroy',
    before: ['run -d --name {row}a --stop-signal KILL {image} sleep 1000'],
    lines: [
      'container clone --destroy {row}a {row}b',
      'container exists {row}b',
      'container clone --force {row}a {row}c',
      'container clone --destroy --force --run {row}a {row}d',
      list,
    ],
    differs: {
      reason: 'podman 4 leaves the copy behind when the original cannot be removed',
      lines: { 1: { code: 1 }, 4: { out: /^\w+d Up <age> ago sleep 1000 [^\n]*\n$/ } },
    },
  },
  {
    name: 'container clone into a pod',
    before: [
      'create --name {row}a --network none {image} sleep 1000',
      'pod create --name {row} --hostname boat',
    ],
    lines: [
      '!$TOOL container clone --pod {row} --run {row}a {row}b 2>/dev/null',
      'exec {row}b hostname',
      'container clone {row}b {row}c',
      "ps -a --pod --filter name={row}[bc] --format '{{.Names}} {{.PodName}}' --sort names",
      'container clone --pod {row}x {row}a {row}d',
    ],
    after: ['pod rm -f -t 0 {row}'],
  },
  {
    name: 'container clone of what cannot be',
    lines: [
      'container clone {row}',
      'container clone',
      'container clone a b c d',
      'container clone --memory-swap 10m {row}',
    ],
  },
  {
    name: 'pod clone',
    before: [
      'pod create --name {row} --label k=v',
      'run -d --name {row}a --pod {row} {image} sleep 1000',
      'create --name {row}b --pod {row} --requires {row}a {image} sleep 1000',
    ],
    lines: [
      'pod clone {row}',
      'pod clone {row}',
      'pod clone --cgroup-parent /{row}{tool} {row} {row}',
      'pod clone --cpus 0.5 --memory 50m --volume {dir}:/data {row} {row}x',
      "pod inspect --format '{{.CPUQuota}} {{.MemoryLimit}} {{len .SharedNamespaces}} {{(index .Mounts 0).Destination}}' {row}x",
      "pod ps --filter name={row} --format '{{.Name}} {{.Status}}' --sort name",
      "ps -a --pod --filter name={row}[ab] --format '{{.Names}} {{.State}} {{.PodName}} {{.Command}}' --sort names",
      'pod start {row}x',
      'pod rm -f -t 0 {row}',
      'pod start {row}x',
      "ps -a --pod --filter name={row}[ab] --format '{{.Names}} {{.State}} {{.PodName}} {{.Command}}' --sort names",
      'rm -f -t 0 {row}a-clone2',
    ],
    after: ['pod rm -f -t 0 {row} {row}-clone {row}-clone1 {row}x', removeGroups],
    differs: {
      reason: 'a copy requires the copies of what its original required, which podman 4 forgets',
      lines: { 11: { code: 125, out: '', err: 'error' } },
    },
  },
  {
    name: 'pod clone --destroy --start',
    before: [
      'pod create --name {row}',
      'run -d --name {row}a --stop-signal KILL --pod {row} {image} sleep 1000',
    ],
    lines: [
      'pod clone --destroy --start --name {row}y --hostname boat {row}',
      'pod exists {row}',
      "ps -a --pod --filter name={row}a --format '{{.Names}} {{.State}} {{.PodName}}' --sort names",
      'exec {row}a-clone hostname',
      'pod clone {row}',
      'pod clone',
      'pod clone a b c',
    ],
    after: ['pod rm -f -t 0 {row}y'],
  },
];
