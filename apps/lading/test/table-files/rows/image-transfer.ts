// SPDX-License-Identifier: Apache-2.0
import type { Row } from '../row.ts';

/** push, save and load. */
export const imageTransferRows: readonly Row[] = [
  {
    name: 'push to the registry and pull it again',
    lines: [
      'push -q --tls-verify=false hello $HOST/table/pushed:$NAME',
      'pull -q --tls-verify=false $HOST/table/pushed:$NAME',
      'rmi $HOST/table/pushed:$NAME',
    ],
  },
  { name: 'push of what is not there', lines: ['push -q nosuch localhost:1/x', 'push'] },
  {
    name: 'push with an unknown format',
    lines: ['push -q --format frob hello dir:$DIR/x', 'push -q --compression-format frob hello dir:$DIR/x'],
  },
  {
    name: 'push to a folder',
    lines: ['push -q hello dir:$DIR/folder', '! test -s folder/manifest.json && test -s folder/version'],
  },
  {
    name: 'push to a layout',
    lines: ['push -q hello oci:$DIR/layout:app', '! grep -c ref.name layout/index.json'],
  },
  {
    name: 'push writes its digest',
    lines: ['push -q --digestfile $DIR/digest hello dir:$DIR/folder', '! cut -c1-7 digest'],
  },
  {
    name: 'save to a file and load it again',
    lines: [
      'save -q -o $DIR/a.tar hello',
      '! tar -xOf a.tar manifest.json',
      'load -q -i $DIR/a.tar',
      'images -q hello',
    ],
  },
  {
    name: 'save with more names',
    lines: ['save -q -o $DIR/a.tar hello more:1', '! tar -xOf a.tar manifest.json'],
  },
  {
    name: 'save -m with several images',
    before: ['tag hello second:2'],
    lines: [
      'save -q -m -o $DIR/a.tar hello second:2',
      '! tar -xOf a.tar manifest.json',
      'load -q -i $DIR/a.tar',
    ],
    after: ['untag hello second:2'],
  },
  { name: 'save to stdout and load from stdin', lines: ['! $TOOL save -q hello | $TOOL load -q'] },
  {
    name: 'save of an id has no name',
    lines: ['! $TOOL save -q $($TOOL images -q) > a.tar && tar -xOf a.tar manifest.json'],
  },
  {
    name: 'save and load an OCI archive',
    lines: [
      'save -q --format oci-archive -o $DIR/a.tar hello',
      '! tar -xOf a.tar index.json | grep -o localhost.hello:latest',
      'load -q -i $DIR/a.tar',
    ],
  },
  {
    name: 'save to an OCI layout',
    lines: ['save -q --format oci-dir -o $DIR/layout hello', '! cat layout/oci-layout'],
    ignore: /: ?/g,
  },
  {
    name: 'load a layout from a folder by its name',
    before: ['save -q --format oci-dir -o $DIR/layout hello'],
    lines: ['load -q -i $DIR/layout'],
    differs: {
      because: 'podman 4 loads a layout with a name only as an archive',
      codes: [0],
      out: /^Loaded image: localhost\/hello:latest\n$/,
    },
  },
  {
    name: 'load gives names without a host the same host',
    before: [
      'save -q -o $DIR/a.tar hello',
      '! mkdir x && tar -xf a.tar -C x && sed -i s,localhost/hello,short, x/manifest.json && tar -cf b.tar -C x $(ls x)',
    ],
    lines: ['load -q -i $DIR/b.tar', 'untag hello short'],
    after: ['untag hello localhost/short', 'untag hello docker.io/library/short'],
  },
  {
    name: 'save to a folder of Docker’s format',
    lines: [
      'save -q --format docker-dir -o $DIR/folder hello',
      '! grep -o distribution.manifest.v2 folder/manifest.json',
    ],
  },
  { name: 'save refuses an unknown format', lines: ['save -q --format frob -o $DIR/x hello'] },
  { name: 'save of what is not there', lines: ['save -q -o $DIR/x nosuch', 'save'] },
  {
    name: 'save over a file that is there',
    lines: ['! echo x > a.tar', 'save -q -o $DIR/a.tar hello', '! cat a.tar'],
  },
  { name: 'load of what is not there', lines: ['load -i $DIR/nosuch', 'load x'] },
  {
    name: 'load of what is no archive',
    lines: ['! head -c 2000 /dev/zero > a.tar', 'load -q -i $DIR/a.tar'],
  },
  {
    name: 'image push, save and load',
    lines: [
      'image push -q hello dir:$DIR/f',
      'image save -q -o $DIR/a.tar hello',
      'image load -q -i $DIR/a.tar',
    ],
  },
];
