-- Every built-in type, and the kinds of types that users make, with their odd values.
SET search_path = public;
SET TimeZone = 'UTC';
SET xmloption = content;
CREATE EXTENSION hstore; CREATE EXTENSION citext; CREATE EXTENSION ltree; CREATE EXTENSION cube;
CREATE SCHEMA app;
CREATE TYPE app.mood AS ENUM ('sad','ok','happy "quoted"','it''s, {x}','NULL','Ünï');
CREATE TYPE public."Odd Type" AS ENUM ('a','B');
CREATE DOMAIN app.positive AS integer CONSTRAINT pos CHECK (VALUE > 0);
CREATE DOMAIN app.small_positive AS app.positive CONSTRAINT small CHECK (VALUE < 1000);
CREATE DOMAIN app.email AS text COLLATE "C" DEFAULT 'a@b' NOT NULL CHECK (VALUE ~ '@');
CREATE DOMAIN app.ndec AS numeric(8,3);
CREATE DOMAIN app.intarr AS integer[] CHECK (array_length(VALUE,1) < 5);
CREATE TYPE app.point3 AS (x double precision, y numeric(10,3), label text);
CREATE TYPE app.nested AS (p app.point3, m app.mood, arr integer[], ps app.point3[]);
CREATE TYPE app.floatrange AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE TYPE app.textrange AS RANGE (subtype = text, collation = "C", multirange_type_name = app.textmulti);
CREATE DOMAIN app.posrange AS int4range CHECK (lower(VALUE) > 0);
CREATE DOMAIN app.comp_dom AS app.point3;

CREATE TABLE t_num (id int primary key, n numeric, n2 numeric(12,2), nneg numeric(3,-2), nsc numeric(5,7));
INSERT INTO t_num VALUES (1,'NaN','NaN','NaN','NaN'),(2,'Infinity',1.10,12300,0.0012345),(3,'-Infinity',-0.00,-100,0),(4,repeat('9',1000)::numeric,9999999999.99,99900,0.0099999),
(5,('0.'||repeat('0',998)||'1')::numeric,NULL,NULL,NULL),(6,'1.500000',0,0,0),(7,'-0',0,0,0),(8,'10000',10000,0,0),(9,'100000000.00000000',0,0,0),(10,'1e-16383',0,0,0),(11,'1e131071',0,0,0),(12,'0.000',0,0,0);
CREATE TABLE t_float (id int primary key, f4 real, f8 double precision);
INSERT INTO t_float VALUES (1,'NaN','NaN'),(2,'Infinity','Infinity'),(3,'-Infinity','-Infinity'),(4,'-0','-0'),(5,'1.17549435e-38','2.2250738585072014e-308'),(6,'1e-45','5e-324'),(7,'3.4028235e38','1.7976931348623157e308'),(8,0.1,0.1),(9,16777217,9007199254740993),(10,1.0/3,1.0/3);
CREATE TABLE t_int (id int primary key, b boolean, i2 int2, i4 int4, i8 int8, o oid, x xid, x8 xid8, c cid);
INSERT INTO t_int VALUES (1,true,-32768,-2147483648,-9223372036854775808,0,'0','0','0'),(2,false,32767,2147483647,9223372036854775807,4294967295,'4294967295','18446744073709551615','4294967295'),(3,null,null,null,null,null,null,null,null);
CREATE TABLE t_time (id int primary key, d date, t time, t0 time(0), tz timetz, ts timestamp, ts3 timestamp(3), tsz timestamptz, tsz0 timestamptz(0));
INSERT INTO t_time VALUES (1,'infinity','00:00:00','00:00:00','00:00:00+00','infinity','infinity','infinity','infinity'),(2,'-infinity','24:00:00','24:00','24:00:00-15:59:59','-infinity','-infinity','-infinity','-infinity'),
(3,'5874897-12-31','23:59:59.999999','23:59:59','23:59:59.999999+15:59:59','294276-12-31 23:59:59.999999','2000-01-01 00:00:00.123','294276-12-31 23:59:59.999999Z','2000-01-01Z'),
(4,'4713-11-24 BC','12:34:56.000001','12:00','12:34:56.5+05:30','4713-11-24 00:00:00 BC','0044-03-15 12:00:00.5 BC','4713-11-24 00:00:00Z BC','0001-01-01 BC'),
(5,'0001-01-01','01:02:03.1','0:0:1','04:05:06.789-08','1969-12-31 23:59:59.999999','1999-12-31 23:59:59.999','0001-01-01 00:00:00Z','9999-12-31 23:59:59Z'),(6,'10000-01-01',null,null,null,'10000-01-01',null,'10000-01-01 00:00:00.000001Z',null),(7,'0001-12-31 BC',null,null,null,'0001-12-31 23:59:59.999999 BC',null,'2024-02-29 12:00:00+05:30',null);
CREATE TABLE t_interval (id int primary key, i interval, ids interval day to second(3), iym interval year to month, ihm interval hour to minute);
INSERT INTO t_interval VALUES (1,'1 year 2 mons 3 days 04:05:06.789','3 days 04:05:06.789','1 year 2 mons','04:05'),(2,'-1 year 2 mons -3 days 04:05:06.000001','-3 days 04:05:06','-5 years 3 mons','-1 hour'),(3,'178000000 years','0','178000000 years','0'),(4,'-178000000 years',null,null,null),(5,'2147483647 days',null,null,null),(6,'-00:00:00.000001',null,null,null),(7,'1 mon -1 day',null,null,null),(8,'2562047788:00:54.775807',null,null,null),(9,'0',null,null,null),(10,'24:00:00',null,null,null),(11,'1 day',null,null,null);
CREATE TABLE t_text (id int primary key, t text, v varchar(10), c char(5), cc character, n name, q "char", bp bpchar, cn text COLLATE "C", ci citext);
INSERT INTO t_text VALUES (1,'','','','','','','',''  ,''),(2,'NULL','a''b','ab ','x','pg_name','a','trail   ','é','ABC'),(3,E'line1\nline2\t\\x\r','  pad  ','ÄÖÜéß','ß',repeat('n',63),'\200',E'x\n ',E'\u0001','É'),(4,'{"a":1}','\N','     ',' ','"',E'\\','   ','💩','abc'),(5,null,null,null,null,null,null,null,null,null),(6,E'\U0010FFFF\u00a0','123','12','1','',' ','a','a',' x ');
CREATE TABLE t_bytea (id int primary key, b bytea);
INSERT INTO t_bytea VALUES (1,''),(2,'\x00'),(3,'\x00ff5c27220a0d'),(4,decode(repeat('00',10000),'hex')),(5,null),(6,'NULL');
CREATE TABLE t_arr (id int primary key, i int[], i2 int2[], i8 bigint[], t text[], v varchar(4)[], n numeric(6,2)[], nu numeric[], b boolean[], by bytea[], d date[], ts timestamp[], tsz timestamptz(3)[], iv interval[], u uuid[], j json[], jb jsonb[], f4 real[], f8 float8[], m app.mood[], om "Odd Type"[], p app.point3[], dp app.positive[], ne app.nested[], ir int4range[], imr int4multirange[], fr app.floatrange[], inet inet[], mac macaddr[], bt bit(3)[], vb varbit[], pt point[], bx box[], pl polygon[], ch "char"[], nm name[], bpc char(3)[], mon money[], tq tsquery[], tv tsvector[], hs hstore[], ci citext[], x xml[], tt time[], ttz timetz[], oo oid[], lsn pg_lsn[], em app.email[]);
INSERT INTO t_arr (id,i,t,n,b,by,d,ts,j,jb,m,p,dp,ne,ir,bx,u) VALUES
(1,'{}','{}','{}','{}','{}','{}','{}','{}','{}','{}','{}','{}','{}','{}','{}','{}'),
(2,'{1,NULL,-3}',array['a','','NULL',null,'q"uote','back\slash','{br}','com,ma',' sp ',E'nl\n','''','ü'],'{1.10,NULL,NaN}','{t,NULL,f}',array['\x00ff'::bytea,'',null],'{infinity,NULL,"0044-03-15 BC"}','{infinity,"2000-01-01 00:00:00.000001"}',array['{"a": 1, "a":2}'::json,null,'[ ]'::json],array['{"b":1,"a":"q\"x"}'::jsonb,'null'::jsonb,null],array['sad','happy "quoted"','it''s, {x}','NULL',null,'Ünï']::app.mood[],array[row(1.5,2.500,'a"b,c(d)')::app.point3,null,row(null,null,null)::app.point3,row('NaN','NaN','')::app.point3],'{1,NULL,3}',array[row(row(1,2,E'x\\"y')::app.point3,'it''s, {x}',array[1,null,3],array[row(null,1,'z')::app.point3])::app.nested,null],array['[1,5)'::int4range,'empty',null,'(,)'],array['((1,2),(0,0))'::box,'((3,4),(2,2))'::box],array['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid]),
(3,'[-2:0]={1,2,3}','[0:1][5:6]={{a,b},{c,NULL}}','{{1.00,2.50},{3.25,4.00}}','[2:2]={t}',null,null,null,null,null,'[0:1]={sad,ok}','[3:3]={"(1,2,x)"}',null,null,null,null,null),
(4,'{{{1,2},{3,4}},{{5,6},{7,8}}}','{{"NULL",NULL}}',null,null,null,null,null,null,null,null,null,null,null,null,'[5:6]={(2,2),(1,1);(3,3),(0,0)}',null);
INSERT INTO t_arr (id,i2,i8,v,nu,tsz,iv,f4,f8,om,imr,fr,inet,mac,bt,vb,pt,pl,ch,nm,bpc,mon,tq,tv,hs,ci,x,tt,ttz,oo,lsn,em) VALUES (5,'{1,-2}','{9223372036854775807}','{abcd,"a b"}','{1.000,NaN,Infinity,1e20}','{"2000-01-01 00:00:00.123Z"}','{"1 mon -1 day",NULL}','{NaN,-0,1e-45}','{-0,5e-324,0.1}','{a,B,NULL}',array['{[1,2),[5,9)}'::int4multirange,'{}'],array['[1.5,2.5]'::app.floatrange,'(,"Infinity"]'],'{10.0.0.1,10.1.0.0/16,::1}','{08:00:2b:01:02:03}','{101,000}','{1,"",NULL}','{"(1,2)","(-0,1e300)"}',array['((0,0),(1,1),(2,0))'::polygon],'{a,"\"",NULL}','{nm,"n\"m"}','{ab,"a",NULL}','{$1.00,-$2.50}',array['a & b'::tsquery,'!x <-> y'],array['a:1 ''b c'':2A'::tsvector],array['a=>1,"b c"=>NULL'::hstore,''],'{Ab,aB}',array['<a b="c"/>'::xml],'{24:00:00,00:00:00.000001}','{12:00:00+05:30}','{4294967295}','{16/B374D848}','{a@b}');
CREATE TABLE t_user (id int primary key, m app.mood, om "Odd Type", p app.point3, ne app.nested, dp app.positive, sdp app.small_positive, em app.email, nd app.ndec, ia app.intarr, fr app.floatrange, tr app.textrange, tm app.textmulti, pr app.posrange, cd app.comp_dom, fm app.floatmultirange);
INSERT INTO t_user VALUES (1,'sad','a',row(1.5,2.5,'x'),row(row(1,2,'q"\,()'),'NULL','{1,NULL}',array[row(1,1,null)::app.point3]),1,5,'x@y',1.500,'{1,2}','[1.5,)',app.textrange('a b','c"d,'),app.textmulti(app.textrange('a','b'),app.textrange('x','y','[]')),'[1,3)',row(0,0,''),'{[1,2],(3,4)}'),(2,'it''s, {x}','B',row(null,null,null),row(null,null,null,null),null,null,'z@z','NaN','[3:4]={1,2}','empty',app.textrange('','','[]'),'{}',null,null,'{}'),(3,null,null,null,null,2147483647,999,'@',-99999.999,'{}','(-Infinity,NaN)',null,null,null,null,null);
CREATE TABLE t_net (id int primary key, i inet, c cidr, m macaddr, m8 macaddr8);
INSERT INTO t_net VALUES (1,'192.168.1.5/24','10.0.0.0/8','08:00:2b:01:02:03','08:00:2b:01:02:03:04:05'),(2,'::1','2001:db8::/32','ff:ff:ff:ff:ff:ff','00:00:00:00:00:00:00:00'),(3,'0.0.0.0/0','0.0.0.0/0','00:00:00:00:00:00',null),(4,'::ffff:1.2.3.4/96','::/0',null,null),(5,'255.255.255.255','10.1.2.3/32',null,null),(6,'fe80::1/64','::ffff:1.2.3.4/128',null,null);
CREATE TABLE t_bit (id int primary key, b bit(5), b1 bit, v varbit, v4 varbit(4));
INSERT INTO t_bit VALUES (1,B'10101',B'1',B'',B''),(2,B'00000',B'0',B'1',B'1111'),(3,null,null,repeat('10',500)::varbit,null);
CREATE TABLE t_geo (id int primary key, pt point, l line, ls lseg, b box, pa path, pl polygon, c circle);
INSERT INTO t_geo VALUES (1,'(1,2)','{1,2,3}','[(0,0),(1,1)]','(1,1),(0,0)','[(0,0),(1,1),(2,0)]','((0,0),(1,1),(2,0))','<(0,0),5>'),(2,'(NaN,Infinity)','{-1,0.1,1e300}','[(1e-300,-0),(0.1,0.2)]','(Infinity,1),(-Infinity,0)','((0,0),(1,1))','((0.1,0.2))','<(1e10,1e-10),0>');
CREATE TABLE t_doc (id int primary key, j json, jb jsonb, jp jsonpath, x xml, tv tsvector, tq tsquery, hs hstore, lt ltree, lq lquery, cu cube);
INSERT INTO t_doc VALUES (1,'{"a" : 1,   "a":2, "n":1.0e5, "big":123456789012345678901234567890, "u":"\u00e9\ud83d\ude00"}','{"a":1,"b":[1.50,null,true],"n":1e5,"big":123456789012345678901234567890.100}','$.a[*] ? (@.b > 1.5)','<?xml version="1.0"?><a>é &lt;</a>','''it''''s'':1A a:2,3B ''b c''','a & !b | (c <-> d:*AB)','a=>1, "b \" c"=>NULL, ""=>""','Top.Child_1','Top.*{1,2}.X','(1,2,3),(4,5,6)'),(2,'  [ ]  ','[]','strict $','plain text','','', '','','*','(0)'),(3,'null','null','$."x y"','','x',null,null,null,null,null),(4,'"\u0000"','"x"',null,null,null,null,null,null,null,null),(5,'-0','-0.0',null,null,null,null,null,null,null,null),(6,E'{\n\t"k":"v"}','{"":{"":{}}}',null,null,null,null,null,null,null,null);
CREATE TABLE t_misc (id int primary key, u uuid, mo money, lsn pg_lsn, tid tid, snap pg_snapshot, txs txid_snapshot, iv int2vector, ov oidvector, acl aclitem);
CREATE TABLE t_reg (id int primary key, rc regclass, rt regtype, rp regproc, rpp regprocedure, rn regnamespace, rr regrole, rop regoper, rcol regcollation, rconf regconfig, rca regclass[]);
INSERT INTO t_reg VALUES (1,'pg_catalog.pg_class','integer','now','pg_catalog.now()','pg_catalog','postgres',null,'"C"','simple',null),(2,'t_num','app.mood','-','-','app','-',null,'-','-','{t_num,pg_class}'),(3,'99999','99999',null,null,null,'99999',null,null,null,null);
INSERT INTO t_misc VALUES (1,'00000000-0000-0000-0000-000000000000','92233720368547758.07','FFFFFFFF/FFFFFFFF','(4294967295,65535)','10:20:10,14,15','10:20:10,14','1 2 3','1 2 4294967295','=r/postgres'),(2,'ffffffff-ffff-ffff-ffff-ffffffffffff','-92233720368547758.08','0/0','(0,0)',null,null,'','',null),(3,null,'0',null,null,null,null,null,null,null);
CREATE TABLE t_range (id int primary key, i4 int4range, i8 int8range, n numrange, ts tsrange, tz tstzrange, d daterange, m4 int4multirange, mn nummultirange, mtz tstzmultirange, md datemultirange);
INSERT INTO t_range VALUES (1,'[1,10)','(,5)','[1.10,2.2000]','[2000-01-01,infinity]','[2000-01-01 00:00:00.000001Z,)','[2000-01-01,2001-01-01)','{[1,2),[3,4)}','{[1.0,2.00),(3,)}','{[2000-01-01Z,2001-01-01Z)}','{(,2000-01-01)}'),(2,'empty','empty','empty','empty','empty','empty','{}','{}','{}','{}'),(3,'(,)','(,)','(,)','(,)','(-infinity,infinity)','[-infinity,infinity]',null,'{(,)}',null,null),(4,'[5,5]','[9223372036854775806,9223372036854775806]','(-Infinity,NaN]','(0044-03-15 BC,]',null,'(0044-03-15 BC,infinity)',null,null,null,null);
CREATE TABLE t_rowtype (id int primary key, r t_bit, ra t_bit[]);
INSERT INTO t_rowtype VALUES (1,row(1,B'10101',B'1',B'',null),array[row(1,null,null,null,null)::t_bit]);
CREATE TABLE t_empty (id int);
CREATE TABLE t_dups (a int, b text);
INSERT INTO t_dups VALUES (1,'x'),(1,'x'),(null,null),(null,null);
