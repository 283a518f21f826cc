// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { parseGoTime, renderTemplate, withMethods } from './index.ts';

const struct = (A: string, C: number) => ({ A, B: { C } });
const value: Readonly<Record<string, unknown>> = {
  ID: '4f2',
  Names: ['a', 'b'],
  Empty: [],
  Nums: [3, 1, 2],
  Labels: new Map([
    ['b', '2'],
    ['a', '1'],
  ]),
  Ports: new Map<string, unknown>([
    ['80/tcp', {}],
    ['x', null],
    ['l', ['p', 'q']],
  ]),
  ByNum: new Map([
    [10, 'ten'],
    [9, 'nine'],
  ]),
  N: 3,
  Neg: -7,
  Big: 9007199254740993n,
  F: 1.5,
  T: true,
  No: false,
  Z: null,
  S: struct('x', 1),
  P: struct('y', 2),
  Rows: [struct('r0', 0), struct('r1', 1)],
  When: parseGoTime('2024-01-02T03:04:05.006Z'),
  Zero: parseGoTime('0001-01-01T00:00:00Z'),
  Digest: withMethods('sha256:abcd', { Algorithm: () => 'sha256', Hex: () => 'abcd' }),
  Any: 'any',
  Deep: new Map([['k', new Map([['l', [7, 8]]])]]),
  Uni: 'héllo wörld',
  Html: `<a href="x">'&'</a>`,
  Greet: (name: string) => `hi ${name}`,
  Add: (a: number, b: number) => a + b,
  Fail: () => {
    throw new Error('it failed');
  },
  Self: () => value,
};

// Every text and message here is what Go's text/template gave for the same template and value.
describe('a template prints what Go prints', () => {
  const cases: [template: string, expected: string][] = [
    ['plain', 'plain'],
    ['{{.ID}}', '4f2'],
    ['{{ .S.B.C }}', '1'],
    ['{{.When}}', '2024-01-02 03:04:05.006 +0000 UTC'],
    [
      '{{.When.Year}} {{.When.Month}} {{.When.Day}} {{.When.Hour}} {{.When.Minute}} {{.When.Second}} {{.When.Nanosecond}}',
      '2024 January 2 3 4 5 6000000',
    ],
    [
      '{{.When.Weekday}} {{.When.YearDay}} {{.When.Unix}} {{.When.UnixMilli}} {{.When.UnixNano}} {{.When.IsZero}}',
      'Tuesday 2 1704164645 1704164645006 1704164645006000000 false',
    ],
    ['{{.When.Format "2006-01-02T15:04:05Z07:00"}}', '2024-01-02T03:04:05Z'],
    ['{{.When.Format "Mon Jan _2 15:04:05 2006"}}', 'Tue Jan  2 03:04:05 2024'],
    ['{{.When.Format "Monday, 02-Jan-06 15:04:05 MST"}}', 'Tuesday, 02-Jan-24 03:04:05 UTC'],
    ['{{.When.Format "3:04PM"}} {{.When.Format "03:04:05 pm"}}', '3:04AM 03:04:05 am'],
    [
      '{{.When.Format "2006-01-02T15:04:05.999999999Z07:00"}} {{.When.Format "05.000"}} {{.When.Format "05.00000"}} {{.When.Format "05.99"}}',
      '2024-01-02T03:04:05.006Z 05.006 05.00600 05',
    ],
    [
      '{{.When.Format "Jan 2 \'06 at 3:04pm (-0700)"}} {{.When.Format "-07:00 -07 Z0700"}}',
      "Jan 2 '24 at 3:04am (+0000) +00:00 +00 Z",
    ],
    ['{{.When.Format "002 __2 1 01 _2 02 2006 06"}}', '002   2 1 01  2 02 2024 24'],
    ['{{.When.UTC}} {{.When.String}}', '2024-01-02 03:04:05.006 +0000 UTC 2024-01-02 03:04:05.006 +0000 UTC'],
    ['{{.Zero.IsZero}} {{.Zero}}', 'true 0001-01-01 00:00:00 +0000 UTC'],
    [
      '{{json .When}} {{json .S}} {{json .Labels}} {{json .Z}} {{json .Names}} {{json .N}} {{json .F}} {{json .T}} {{json .ID}}',
      '"2024-01-02T03:04:05.006Z" {"A":"x","B":{"C":1}} {"a":"1","b":"2"} null ["a","b"] 3 1.5 true "4f2"',
    ],
    [
      '{{json .Html}} {{json .Deep}} {{json .Ports}}',
      '"<a href=\\"x\\">\'&\'</a>" {"k":{"l":[7,8]}} {"80/tcp":{},"l":["p","q"],"x":null}',
    ],
    ['{{json .Rows}}', '[{"A":"r0","B":{"C":0}},{"A":"r1","B":{"C":1}}]'],
    [
      '{{.Digest}} {{.Digest.Algorithm}} {{.Digest.Hex}} {{printf "%s" .Digest}} {{printf "%q" .Digest}} {{eq .Digest "sha256:abcd"}} {{len .Digest}}',
      'sha256:abcd sha256 abcd sha256:abcd "sha256:abcd" true 11',
    ],
    ['{{.Labels.a}} {{.Labels.zz}} {{index .Labels "zz"}}', '1 <no value> '],
    ['{{index .Ports "80/tcp"}}', '{}'],
    [
      '{{index .ByNum 9}}{{index .ByNum 10}}{{range $k, $v := .ByNum}} {{$k}}={{$v}}{{end}}',
      'nineten 9=nine 10=ten',
    ],
    ['{{range .Names}}[{{.}}]{{else}}none{{end}}', '[a][b]'],
    ['{{range .Empty}}x{{else}}none{{end}}', 'none'],
    ['{{range .Z}}x{{else}}none{{end}}', 'none'],
    ['{{range $i, $e := .Names}}{{$i}}={{$e}},{{end}}', '0=a,1=b,'],
    ['{{range $e := .Names}}{{$e}}{{$.ID}} {{end}}', 'a4f2 b4f2 '],
    ['{{range $k, $v := .Labels}}{{$k}}={{$v}} {{end}}', 'a=1 b=2 '],
    ['{{range $k := .Labels}}{{$k}} {{end}}', '1 2 '],
    ['{{range .Labels}}{{.}} {{end}}', '1 2 '],
    ['{{range .Names}}{{if eq . "b"}}{{break}}{{end}}{{.}}{{end}}', 'a'],
    ['{{range .Names}}{{if eq . "a"}}{{continue}}{{end}}{{.}}{{end}}', 'b'],
    ['{{range .Rows}}{{.A}}{{.B.C}} {{end}}', 'r00 r11 '],
    ['{{range .Rows}}{{range $.Names}}{{.}}{{break}}{{end}};{{end}}', 'a;a;'],
    ['{{range $i, $r := .Rows}}{{if $i}}, {{end}}{{$r.A}}{{end}}', 'r0, r1'],
    ['{{$x := 0}}{{range .Nums}}{{$x = .}}{{end}}{{$x}}', '2'],
    ['{{$i := 1}}{{range $i, $v := .Names}}{{$i}}{{end}}{{$i}}', '011'],
    ['{{if and .T (gt .N 2)}}yes{{else if .Z}}mid{{else}}no{{end}}', 'yes'],
    ['{{if .Z}}yes{{else if .T}}mid{{else}}no{{end}}', 'mid'],
    ['{{if .Z}}1{{else if .No}}2{{else if .T}}3{{else}}4{{end}}', '3'],
    ['{{if or .Z .Empty}}yes{{else}}no{{end}}', 'no'],
    [
      '{{if .Names}}t{{end}}{{if .Empty}}t{{end}}{{if .N}}t{{end}}{{if .S}}t{{end}}{{if .ID}}t{{end}}{{if ""}}t{{end}}{{if 0}}t{{end}}{{if 0.0}}t{{end}}{{if .Labels}}t{{end}}',
      'ttttt',
    ],
    ['{{if .Zero}}zero time is true{{end}}', 'zero time is true'],
    ['{{with .S}}{{.A}}{{$.ID}}{{else}}x{{end}}', 'x4f2'],
    ['{{with .Z}}x{{else}}nothing{{end}}', 'nothing'],
    ['{{with $x := .S}}{{$x.A}}{{.A}}{{end}}', 'xx'],
    ['{{with $x := 5}}{{with $y := 6}}{{$x}}{{$y}}{{end}}{{end}}', '56'],
    ['{{with .P}}{{.A}}{{.B.C}}{{end}}', 'y2'],
    ['a {{- /* c */ -}} b {{/* d */}}c', 'ab c'],
    ['a{{/* x\ny */}}b', 'ab'],
    [' {{- .ID -}}  x', '4f2x'],
    ['{{.ID -}} ', '4f2'],
    ['{{- .N}} {{-3}} {{- -3 -}} x', '3 -3-3x'],
    ['a {{- "b" -}} c', 'abc'],
    ['{{.ID | printf "%s-%s" "x" | upper}}', 'X-4F2'],
    ['{{"a" | printf "%s%s" "b"}}', 'ba'],
    ['{{.Names | len | printf "%03d"}}', '002'],
    ['{{(index .Names 1)}}{{(.S).A}}', 'bx'],
    ['{{(.Self.S).B.C}} {{.Self.Self.ID}}', '1 4f2'],
    ['{{$x := .S.A}}{{$x}}{{$x = "z"}}{{$x}}', 'xz'],
    ['{{$x := 1}}{{if .T}}{{$x = 2}}{{end}}{{$x}}', '2'],
    ['{{$x := 1}}{{if .T}}{{$x := 2}}{{end}}{{$x}}', '1'],
    ['{{$x := "a"}}{{with .S}}{{$x}}{{.A}}{{end}}', 'ax'],
    [
      '{{len .Names}} {{len .ID}} {{len .Labels}} {{len .Uni}} {{slice .ID 1 2}} {{slice .Names 1}} {{slice .ID 1}} {{slice .Nums 0 2}}',
      '2 3 2 13 f [b] f2 [3 1]',
    ],
    ['{{slice .Nums 1 2 3}} {{slice .ID}}', '[1] 4f2'],
    [
      '{{join .Names ","}} {{split "a,b" ","}} {{title "foo bar"}} {{upper "a"}}{{lower "B"}}',
      'a,b [a b] Foo Bar Ab',
    ],
    [
      '{{title "it\'s o\'clock foo-bar a.b"}} {{upper "straße"}} {{title "élan vital"}}',
      "It'S O'Clock Foo-Bar A.B STRAßE Élan Vital",
    ],
    ['{{join (split "a b c" " ") "-"}}', 'a-b-c'],
    ['{{split "abc" ""}} {{len (split "" ",")}}', '[a b c] 1'],
    ['{{pad "x" 1 2}}|{{pad "" 1 2}}|{{truncate "hello" 3}}|{{truncate "hi" 3}}', ' x  ||hel|hi'],
    [
      '{{eq .N 1 3}} {{ne 1 2}} {{lt 1 2}} {{le 2 2}} {{ge "b" "a"}} {{not true}} {{or "" "d"}} {{gt 2 1}}',
      'true true true true true false d true',
    ],
    [
      '{{eq "a" "a"}} {{eq 1.5 .F}} {{eq true .T}} {{eq .Z nil}} {{ne .ID "x"}} {{eq .ID "x" "4f2"}}',
      'true true true true true true',
    ],
    ['{{lt "a" "b"}} {{lt 1.0 2.0}} {{le .N 3}} {{gt .F 1.0}} {{lt .Neg 0}}', 'true true true true true'],
    [
      '{{and 1 2 3}} {{and 1 0 3}} {{or 0 "" 3}} {{or 0 ""}} {{and .T .ID}} {{not 0}} {{not .Names}}',
      '3 0 3  4f2 true false',
    ],
    ['{{and true (not false)}} {{or (eq .N 4) (eq .N 3)}}', 'true true'],
    ['{{or .T (index .Names 9)}} {{and .No (index .Names 9)}}', 'true false'],
    ['{{println 1 2 "x"}}{{print 1 2 "x" 3 4}}', '1 2 x\n1 2x3 4'],
    [
      '{{print "a" "b"}} {{print 1 2}} {{print "a" 1 2 "b"}} {{print nil}} {{print .Names .Labels}} {{println}}|{{print}}',
      'ab 1 2 a1 2b <nil> [a b] map[a:1 b:2] \n|',
    ],
    ['{{println "a" "b" nil true 1.5}}', 'a b <nil> true 1.5\n'],
    [
      '{{printf "%s|%5d|%-5s|%q|%v|%05.2f|%x %d" "a" 3 "ab" "q\\"" 1.5 1.5 255 "x"}}',
      'a|    3|ab   |"q\\""|1.5|01.50|ff %!d(string=x)',
    ],
    ['{{printf "%-10s|%t|%%|%c|%T" "a" true 65 1}}', 'a         |true|%|A|int'],
    [
      '{{printf "%+v" .S}} {{printf "%v" .S}} {{printf "%v" .Names}} {{printf "%v" .Labels}} {{printf "%v" nil}}',
      '{A:x B:{C:1}} {x {1}} [a b] map[a:1 b:2] <nil>',
    ],
    ['{{printf "%s" }}{{printf "x" 1}}', '%!s(MISSING)x%!(EXTRA int=1)'],
    [
      '{{printf "%d %s"  "a"}} {{printf "%!"}} {{printf "%z" 1}}',
      '%!d(string=a) %!s(MISSING) %!!(MISSING) %!z(int=1)',
    ],
    ['{{printf "%v %v %v" 1 "a" true}} {{printf "%5v|%-5v|" "a" 1}}', '1 a true     a|1    |'],
    [
      '{{printf "%5t|%-6t|" true false}} {{printf "%q" 65}} {{printf "%q" .Names}} {{printf "%q" "a\\tb"}}',
      ' true|false | \'A\' ["a" "b"] "a\\tb"',
    ],
    [
      '{{printf "%x %X %x" "hi" "hi" 255}} {{printf "%#x %#o %b %o" 255 8 5 8}} {{printf "% x" "hi"}}',
      '6869 6869 ff 0xff 010 101 10 68 69',
    ],
    [
      '{{printf "%e %E %g %G" 1234.5678 1234.5678 1234.5678 0.00001}} {{printf "%.2e" 12345.678}} {{printf "%.3g" 1234.5678}} {{printf "%f" 1.0}}',
      '1.234568e+03 1.234568E+03 1234.5678 1E-05 1.23e+04 1.23e+03 1.000000',
    ],
    [
      '{{printf "%8.3f|%-8.3f|%+.1f|%08.3f" 3.14159 3.14159 3.14159 -3.14159}}',
      '   3.142|3.142   |+3.1|-003.142',
    ],
    ['{{printf "%+d %+d % d %05d %-5d| %5d" 5 -5 5 -42 42 42}}', '+5 -5  5 -0042 42   |    42'],
    ['{{printf "%*d|%-*d|%.*f" 5 42 5 42 2 3.14159}}', '   42|42   |3.14'],
    ['{{printf "%[2]d %[1]d" 1 2}} {{printf "%[1]v %[1]q" "a"}}', '2 1 a "a"'],
    [
      '{{printf "%U" 65}} {{printf "%c%c" 0x48 0x49}} {{printf "%.2s|%.0s|%5.1s" "hello" "hello" "hello"}}',
      'U+0041 HI he||    h',
    ],
    [
      '{{printf "%s" .Names}} {{printf "%d" .Nums}} {{printf "%s" 5}} {{printf "%d" true}} {{printf "%t" 1}} {{printf "%s" nil}} {{printf "%d" nil}}',
      '[a b] [3 1 2] %!s(int=5) %!d(bool=true) %!t(int=1) %!s(<nil>) %!d(<nil>)',
    ],
    [
      '{{printf "%6.2f%%" 12.345}} {{printf "%03d:%02d" 7 5}} {{printf "%s=%v;" "k" .Deep}}',
      ' 12.35% 007:05 k=map[k:map[l:[7 8]]];',
    ],
    ['{{printf "%T %T %T %T %T" "a" 1 1.5 true nil}}', 'string int float64 bool <nil>'],
    ['{{.Greet "you"}} {{.Add 1 2}} {{.Add .N 4}} {{"me" | .Greet}}', 'hi you 3 7 hi me'],
    ['{{(.Greet "x") | len}} {{len (.Greet "x")}} {{printf "%d" (.Add 1 (.Add 2 3))}}', '4 4 6'],
    [
      '{{`raw`}} {{\'a\'}} {{"t\\tb\\u00e9"}} {{"\\x41\\101\\U0001F600"}} {{`a"b\\n`}}',
      'raw 97 t\tbé AA😀 a"b\\n',
    ],
    ['{{"}}"}} {{"{{"}} {{`}}`}}', '}} {{ }}'],
    ['{{true}} {{false}} {{"" }}|{{ "a" }}', 'true false |a'],
    [
      '{{html .Html}} {{js .Html}} {{urlquery .Html}}',
      '&lt;a href=&#34;x&#34;&gt;&#39;&amp;&#39;&lt;/a&gt; \\u003Ca href\\u003D\\"x\\"\\u003E\\\'\\u0026\\\'\\u003C/a\\u003E %3Ca+href%3D%22x%22%3E%27%26%27%3C%2Fa%3E',
    ],
    ['{{.Html | html}} {{html .Names}}', '&lt;a href=&#34;x&#34;&gt;&#39;&amp;&#39;&lt;/a&gt; [a b]'],
    [
      '{{js "\\u2028 \\\\ \\" \' < > & = é 😀"}}',
      '\\u2028 \\\\ \\" \\\' \\u003C \\u003E \\u0026 \\u003D é 😀',
    ],
    ['{{define "x"}}[{{.}}]{{end}}{{template "x" .ID}}{{template "x" .N}}', '[4f2][3]'],
    ['{{define "x"}}[{{.}}]{{end}}{{template "x"}}', '[<no value>]'],
    ['{{template "x" .S}}{{define "x"}}{{.A}}{{end}}', 'x'],
    ['{{define "a"}}{{template "b" .}}{{end}}{{define "b"}}<{{.}}>{{end}}{{template "a" 7}}', '<7>'],
    ['{{block "b" .S}}{{.A}}{{end}}!{{template "b" .P}}', 'x!y'],
    ['{{define "x"}}{{$y := .}}{{$y}}{{$}}{{end}}{{$y := 1}}{{template "x" 5}}{{$y}}', '551'],
    [
      '{{define "r"}}{{if .}}{{len .}}{{template "r" (slice . 1)}}{{end}}{{end}}{{template "r" "abc"}}',
      '321',
    ],
    ['{{define "x"}}{{range .}}{{.}},{{end}}{{end}}{{template "x" .Nums}}', '3,1,2,'],
    ['{{range .Names}}{{template "t2" .}}{{end}}{{define "t2"}}({{.}}){{end}}', '(a)(b)'],
    [
      '{{index .Deep "k" "l" 1}} {{.Deep.k.l}} {{index .Rows 1}} {{(index .Rows 1).A}}',
      '8 [7 8] {r1 {1}} r1',
    ],
    ['{{index .Names 0 | upper}} {{index "abc" 1}}', 'A 98'],
    ['{{$.ID}} {{with .S}}{{$.N}}{{end}}', '4f2 3'],
    ['{{.P}} ', '{y {2}} '],
    ['{{.P.A}} {{.Any}} {{printf "%v" .Any}}', 'y any any'],
    ['{{not (and .T .No)}} {{if not .No}}n{{end}}', 'true n'],
    ['{{if eq .N 3}}three{{else}}other{{end}} {{if ne .ID ""}}named{{end}}', 'three named'],
    ['{{- /* c */ -}}x', 'x'],
    ['x{{/* c */ -}}   y', 'xy'],
    ['{{len ""}}{{len .Empty}}', '00'],
    ['{{.N | printf "%d %d" 1}}', '1 3'],
    ['{{1 | print 2}} {{1 | eq 1}} {{"a" | len}}', '2 1 true 1'],
    ['{{ .ID\t}}{{\t.N }}', '4f23'],
    ['{{.ID}}{{"\\n"}}{{.N}}', '4f2\n3'],
    ['{{with .Labels}}{{.a}}{{range $k, $v := .}}{{$k}}{{$v}}{{end}}{{end}}', '1a1b2'],
    ['{{if .Labels.a}}has{{end}}{{if .Labels.q}}has{{else}}not{{end}}', 'hasnot'],
    ['{{range $i, $c := split "x:y" ":"}}{{$i}}{{$c}}{{end}}', '0x1y'],
    ['{{$a := index .Names 0}}{{$b := index .Names 1}}{{$a}}{{$b}}', 'ab'],
    ['{{range .Rows}}{{with .B}}{{.C}}{{end}}{{end}}', '01'],
    ['{{range .Names}}{{else}}{{end}}x', 'x'],
    ['{{if true}}{{end}}x{{with 0}}{{end}}', 'x'],
    ['{{if (eq 1 1)}}p{{end}}{{if ((eq 1 1))}}q{{end}}', 'pq'],
    ['{{(.ID)}}{{((.ID))}}', '4f24f2'],
    ['{{range (split "a,b" ",")}}{{.}}{{end}}', 'ab'],
    ['{{eq (len .Names) 2}} {{eq .When .When}}', 'true true'],
    ['{{eq .S .S}}', 'true'],
    ['{{title ""}}{{upper ""}}|{{join .Empty ","}}|', '||'],
    ['{{.ID |}}', '4f2'],
    ['{{.1}}', '0.1'],
    ['{{html}}', ''],
  ];
  it.each(cases)('%j', (template, expected) => {
    expect(renderTemplate(template, value)).toBe(expected);
  });
});

describe('a template fails as in Go', () => {
  const cases: [template: string, problem: string][] = [
    ['{{ /* c */ }}x', ':1: unexpected "/" in command'],
    ['{{', ':1: unclosed action'],
    ['{{.ID', ':1: unclosed action'],
    ['{{end}}', ':1: unexpected {{end}}'],
    ['{{else}}', ':1: unexpected {{else}}'],
    ['{{if}}x{{end}}', ':1: missing value for if'],
    ['{{if .T}}x', ':1: unexpected EOF'],
    ['{{range}}{{end}}', ':1: missing value for range'],
    ['{{with}}{{end}}', ':1: missing value for with'],
    ['{{range .Names}}x', ':1: unexpected EOF'],
    ['{{if .T}}{{else}}{{else}}{{end}}', ':1: expected end; found {{else}}'],
    ['{{foo}}', ':1: function "foo" not defined'],
    ['{{constructor}}', ':1: function "constructor" not defined'],
    ['{{$y}}', ':1: undefined variable "$y"'],
    ['{{break}}', ':1: {{break}} outside {{range}}'],
    ['{{continue}}', ':1: {{continue}} outside {{range}}'],
    ['{{if .T}}{{break}}{{end}}', ':1: {{break}} outside {{range}}'],
    ['{{/* x', ':1: unclosed comment'],
    ['{{/* x */ y}}', ':1: comment ends before closing delimiter'],
    ['{{"x}}', ':1: unterminated quoted string'],
    ['{{`x}}', ':1: unterminated raw quoted string'],
    ["{{'x}}", ':1: unterminated character constant'],
    ["{{'xy'}}", ":1: malformed character constant: 'xy'"],
    ['{{"\\q"}}', ':1: invalid syntax'],
    ['{{(.ID}}', ':1: unclosed left paren'],
    ['{{.ID)}}', ':1: unexpected ")" in command'],
    ['{{()}}', ':1: missing value for parenthesized pipeline'],
    ['{{|}}', ':1: unexpected "|" in command'],
    ['{{| .ID}}', ':1: unexpected "|" in command'],
    ['{{.ID | 3}}', ':1: non executable command in pipeline stage 2'],
    ['{{.ID | "x"}}', ':1: non executable command in pipeline stage 2'],
    ['{{.ID | .}}', ':1: non executable command in pipeline stage 2'],
    ['{{template "x"}}', ':1:11: executing "t" at <{{template "x"}}>: template "x" not defined'],
    ['{{template}}', ':1: unexpected "}}" in template clause'],
    ['{{template x}}', ':1: unexpected "x" in template clause'],
    ['{{template "x" 1 2}}', ':1:11: executing "t" at <{{template "x" 1 2}}>: template "x" not defined'],
    ['{{define}}{{end}}', ':1: unexpected "}}" in define clause'],
    ['{{define x}}{{end}}', ':1: unexpected "x" in define clause'],
    ['{{define "x"}}', ':1: unexpected EOF'],
    ['{{define "x"}}{{else}}{{end}}', ':1: unexpected {{else}} in define clause'],
    ['{{block "x"}}{{end}}', ':1: missing value for block clause'],
    [
      '{{.Foo}}',
      ':1:2: executing "t" at <.Foo>: can\'t evaluate field Foo in type struct: there are ID, Names, Empty, Nums, Labels, Ports, ByNum, N, Neg, Big, F, T, No, Z, S, P, Rows, When, Zero, Digest, Any, Deep, Uni, Html, Greet, Add, Fail, Self',
    ],
    ['{{.S.Q}}', ':1:2: executing "t" at <.S.Q>: can\'t evaluate field Q in type struct: there are A, B'],
    ['{{.Z.X}}', ':1:2: executing "t" at <.Z.X>: nil pointer evaluating interface {}.X'],
    ['{{.ID.X}}', ':1:2: executing "t" at <.ID.X>: can\'t evaluate field X in type string'],
    ['{{.Names.X}}', ':1:2: executing "t" at <.Names.X>: can\'t evaluate field X in type []interface {}'],
    ['{{.N.X}}', ':1:2: executing "t" at <.N.X>: can\'t evaluate field X in type int'],
    ['{{1 2}}', ':1:2: executing "t" at <1>: can\'t give argument to non-function 1'],
    ['{{"a" "b"}}', ':1:2: executing "t" at <"a">: can\'t give argument to non-function "a"'],
    ['{{$x := 1}}{{$x 2}}', ':1:13: executing "t" at <$x>: can\'t give argument to non-function $x'],
    [
      '{{lt 1 "a"}}',
      ':1:2: executing "t" at <lt 1 "a">: error calling lt: incompatible types for comparison',
    ],
    [
      '{{lt .Names .Names}}',
      ':1:2: executing "t" at <lt .Names .Names>: error calling lt: invalid type for comparison',
    ],
    ['{{lt nil 1}}', ':1:2: executing "t" at <lt nil 1>: error calling lt: invalid type for comparison'],
    [
      '{{eq .Names .Names}}',
      ':1:2: executing "t" at <eq .Names .Names>: error calling eq: non-comparable type [a b]: []interface {}',
    ],
    [
      '{{eq 1 "a"}}',
      ':1:2: executing "t" at <eq 1 "a">: error calling eq: incompatible types for comparison',
    ],
    [
      '{{eq .Labels .Labels}}',
      ':1:2: executing "t" at <eq .Labels .Labels>: error calling eq: non-comparable type map[a:1 b:2]: map[string]interface {}',
    ],
    ['{{eq}}', ':1:2: executing "t" at <eq>: wrong number of args for eq: want at least 1 got 0'],
    ['{{eq 1}}', ':1:2: executing "t" at <eq 1>: error calling eq: missing argument for comparison'],
    [
      '{{index "abc" 7}}',
      ':1:2: executing "t" at <index "abc" 7>: error calling index: index out of range: 7',
    ],
    [
      '{{index .Names -1}}',
      ':1:2: executing "t" at <index .Names -1>: error calling index: index out of range: -1',
    ],
    [
      '{{index .Names "x"}}',
      ':1:2: executing "t" at <index .Names "x">: error calling index: cannot index slice/array with type string',
    ],
    [
      '{{index .Names 1.5}}',
      ':1:2: executing "t" at <index .Names 1.5>: error calling index: cannot index slice/array with type float64',
    ],
    [
      '{{index .Labels 1}}',
      ':1:2: executing "t" at <index .Labels 1>: error calling index: value has type int; should be string',
    ],
    [
      '{{index .N 1}}',
      ':1:2: executing "t" at <index .N 1>: error calling index: can\'t index item of type int',
    ],
    ['{{index nil 1}}', ':1:2: executing "t" at <index nil 1>: error calling index: index of untyped nil'],
    ['{{index}}', ':1:2: executing "t" at <index>: wrong number of args for index: want at least 1 got 0'],
    ['{{range .S}}{{end}}', ':1:8: executing "t" at <.S>: range can\'t iterate over {x {1}}'],
    ['{{range .ID}}{{end}}', ':1:8: executing "t" at <.ID>: range can\'t iterate over 4f2'],
    ['{{range .T}}{{end}}', ':1:8: executing "t" at <.T>: range can\'t iterate over true'],
    ['{{range 1.5}}{{end}}', ':1:8: executing "t" at <1.5>: range can\'t iterate over 1.5'],
    ['{{len 3}}', ':1:2: executing "t" at <len 3>: error calling len: len of type int'],
    ['{{len .S}}', ':1:2: executing "t" at <len .S>: error calling len: len of type struct'],
    ['{{len}}', ':1:2: executing "t" at <len>: wrong number of args for len: want 1 got 0'],
    ['{{len 1 2}}', ':1:2: executing "t" at <len>: wrong number of args for len: want 1 got 2'],
    ['{{not}}', ':1:2: executing "t" at <not>: wrong number of args for not: want 1 got 0'],
    ['{{not 1 2}}', ':1:2: executing "t" at <not>: wrong number of args for not: want 1 got 2'],
    ['{{and}}', ':1:2: executing "t" at <and>: wrong number of args for and: want at least 1 got 0'],
    [
      '{{slice .ID 3 1}}',
      ':1:2: executing "t" at <slice .ID 3 1>: error calling slice: invalid slice index: 3 > 1',
    ],
    [
      '{{slice .ID 0 9}}',
      ':1:2: executing "t" at <slice .ID 0 9>: error calling slice: index out of range: 9',
    ],
    [
      '{{slice .Names 5}}',
      ':1:2: executing "t" at <slice .Names 5>: error calling slice: index out of range: 5',
    ],
    [
      '{{slice .N 1}}',
      ':1:2: executing "t" at <slice .N 1>: error calling slice: can\'t slice item of type int',
    ],
    [
      '{{slice .ID 0 1 2}}',
      ':1:2: executing "t" at <slice .ID 0 1 2>: error calling slice: cannot 3-index slice a string',
    ],
    [
      '{{slice .ID "a"}}',
      ':1:2: executing "t" at <slice .ID "a">: error calling slice: cannot index slice/array with type string',
    ],
    ['{{upper}}', ':1:2: executing "t" at <upper>: wrong number of args for upper: want 1 got 0'],
    ['{{printf}}', ':1:2: executing "t" at <printf>: wrong number of args for printf: want at least 1 got 0'],
    ['{{.Fail}}', ':1:2: executing "t" at <.Fail>: error calling Fail: it failed'],
    ['{{.Greet}}', ':1:2: executing "t" at <.Greet>: wrong number of args for Greet: want 1 got 0'],
    ['{{$x, $y := .Names}}', ':1: too many declarations in command'],
    ['{{range $a $b := .Names}}{{end}}', ':1: undefined variable "$a"'],
    ['{{if $x := 1}}{{end}}{{$x}}', ':1: undefined variable "$x"'],
    ['{{#}}', ':1: unexpected "#" in command'],
    ['{{1a}}', ':1: bad number syntax: "1a"'],
    ['{{99999999999999999999}}', ':1: integer overflow: "99999999999999999999"'],
    ['{{.}}}{{', ':1: unclosed action'],
    ['{{if .T}}{{end 1}}', ':1: unexpected "1" in end'],
    ['{{.ID:=1}}', ':1: unexpected ":=" in operand'],
    ['{{- }}', ':1: missing value for command'],
    ['{{}}', ':1: missing value for command'],
    ['{{ }}', ':1: missing value for command'],
    [
      '{{with .S}}{{.N}}{{end}}',
      ':1:13: executing "t" at <.N>: can\'t evaluate field N in type struct: there are A, B',
    ],
    ['{{range .Names}}{{.A}}{{end}}', ':1:18: executing "t" at <.A>: can\'t evaluate field A in type string'],
    ['{{pad "x" 1}}', ':1:2: executing "t" at <pad>: wrong number of args for pad: want 3 got 2'],
  ];
  it.each(cases)('%j', (template, problem) => {
    expect(() => renderTemplate(template, value, { name: 't' })).toThrow(
      expect.objectContaining({ message: `template: t${problem}`, code: 'invalid_argument' }),
    );
  });
});

describe('what Go has learned since 1.19', () => {
  const cases: [template: string, expected: string][] = [
    ['{{range 3}}{{.}}{{end}}', '012'],
    ['{{range $i := .N}}{{$i}},{{end}}', '0,1,2,'],
    ['{{range 0}}x{{else}}none{{end}}', 'none'],
    ['{{with .Z}}1{{else with .S}}{{.A}}{{else}}3{{end}}', 'x'],
    ['{{with .Z}}1{{else with .Z}}2{{else}}3{{end}}', '3'],
  ];
  it.each(cases)('%j', (template, expected) => {
    expect(renderTemplate(template, value)).toBe(expected);
  });
});

describe('a name that is not there', () => {
  it.each<[string, string]>([
    ['{{.Nmaes}}', "can't evaluate field Nmaes in type struct: did you mean Names? there are ID, Names, "],
    ['{{.S.Q}}', "can't evaluate field Q in type struct: there are A, B"],
    ['{{.S.Nothing}}', "can't evaluate field Nothing in type struct: there are A, B"],
    [
      '{{.Digest.Hxe}}',
      "can't evaluate field Hxe in type string: did you mean Hex? there are Algorithm, Hex",
    ],
    ['{{.When.Yaer}}', "can't evaluate field Yaer in type time.Time"],
  ])('%s names those that are', (template, problem) => {
    expect(() => renderTemplate(template, value)).toThrow(problem);
  });
});

describe('times', () => {
  it.each([
    ['2024-02-29T23:59:59.123456789+05:30', '2024-02-29 23:59:59.123456789 +0530 +0530'],
    ['2024-02-29T23:59:59-08:00', '2024-02-29 23:59:59 -0800 -0800'],
    ['2024-01-02T03:04:05.100Z', '2024-01-02 03:04:05.1 +0000 UTC'],
  ])('%s keeps its nanoseconds and its offset', (text, printed) => {
    expect(renderTemplate('{{.}}', parseGoTime(text))).toBe(printed);
    expect(renderTemplate('{{json .}}', parseGoTime(text))).toBe(JSON.stringify(text.replace('.100', '.1')));
  });

  it('that are none are refused', () => {
    expect(['', 'now', '2024-01-02', '2024-13-02T03:04:05Z', '2024-01-02T03:04:05'].map(parseGoTime)).toEqual(
      Array.from({ length: 5 }, () => undefined),
    );
  });
});
