{#
    CSV on DuckDB. Left to itself it guesses from the first rows what parts the cells, and how many there are in a row. Here
    the header says so: each file is gone through whole, once, and what is not as its header says is named.
#}

{% macro csv_input(input, files) %}
    {% set groups, spellings = {}, {} %}
    {% for file in looked_into(input, files, look_into_csv) if file.holds.names %}
        {% do groups.setdefault(tojson(file.holds), {'holds': file.holds, 'files': []}).files.append(file.file) %}
        {% for name in file.holds.names %}{% do spellings.setdefault(name | lower, {}).update({name: true}) %}{% endfor %}
    {% endfor %}
    {% set columns, several, selects = {}, {}, [] %}
    {% for spelt in spellings.values() %}
        {% set ordered = spellings_in_order(spelt) %}
        {% do columns.update({ordered[0]: 'VARCHAR'}) %}
        {% if ordered | length > 1 %}{% do several.update({ordered[0]: ordered}) %}{% endif %}
    {% endfor %}
    {% for group in groups.values() %}
        {% set listed = files if groups | length == 1 else '[' ~ text_literals(group.files) ~ ']' %}
        {% if group.holds.copy_of %}{% set listed = text_literal(copy_in_utf8(group.holds.copy_of, group.holds.written_in)) %}{% endif %}
        {% do selects.append(csv_rows(listed, group.holds, columns, several)) %}
    {% endfor %}
    {% do return({
        'from': '(' ~ selects | join(' union all by name ') ~ ') as pql_rows' if selects else files,
        'columns': columns, 'spellings': several, 'file': 'pql_file',
    }) %}
{% endmacro %}

{# The rows of files that are written alike, each column under the one name that its spellings have. #}
{% macro csv_rows(files, holds, columns, spellings) %}
    {% set selected = [text_literal(holds.copy_of) ~ ' as pql_file' if holds.copy_of else 'pql_file'] %}
    {% for column in columns %}
        {% set cells = [] %}
        {% for spelt in spellings.get(column, [column]) %}
            {% for position in range(holds.names | length) if holds.names[position] == spelt %}{% do cells.append("nullif(c" ~ position ~ ", '\\N')" if holds.escape == '\\' else 'c' ~ position) %}{% endfor %}
        {% endfor %}
        {% if cells %}
            {% do selected.append((cells[0] if cells | length == 1 else 'coalesce(' ~ cells | join(', ') ~ ')') ~ ' as ' ~ quoted_name(column)) %}
        {% endif %}
    {% endfor %}
    {% do return('select ' ~ selected | join(', ') ~ ' from ' ~ csv_reader(files, holds)) %}
{% endmacro %}

{# DuckDB's reader with all told that it might guess. #}
{% macro csv_reader(files, holds, more='') %}
    {% set cells = [] %}
    {% for name in holds.names %}{% do cells.append("'c" ~ loop.index0 ~ "': 'VARCHAR'") %}{% endfor %}
    {% do return('read_csv(' ~ files ~ ', columns = {' ~ cells | join(', ') ~ '}, auto_detect = false, header = true, skip = ' ~ holds.skip
        ~ ", comment = '', nullstr = " ~ ("''" if holds.escape == '\\' else "['', '\\N']") ~ ", quote = '\"', escape = " ~ text_literal(holds.escape) ~ ', delim = ' ~ text_literal(holds.delimiter)
        ~ ', encoding = ' ~ text_literal(holds.encoding) ~ ', max_line_size = ' ~ longest_line() ~ ", filename = 'pql_file'" ~ more ~ ')') %}
{% endmacro %}

{# Bytes of a line of CSV. #}
{% macro longest_line() %}{% do return(16777216) %}{% endmacro %}

{# What stands in CSV files, as (file, holds, fault). #}
{% macro look_into_csv(input, files) %}
    {% set found = [] %}
    {% for row in run_query('select file from glob(' ~ files ~ ') order by file').rows %}
        {% set looked = look_into_one_csv(row[0]) %}
        {% do found.append([row[0], tojson(looked.holds or {}), looked.fault]) %}
    {% endfor %}
    {% do return(found) %}
{% endmacro %}

{% macro look_into_one_csv(file) %}
    {% set place, read = file, {'encoding': 'utf-8'} %}
    {% set odd = csv_faults(lines_of_files(text_literal(file), 'utf-8', true)) | selectattr('kind', 'equalto', 'INVALID ENCODING') | list %}
    {% set header = csv_header(file, 'utf-8') %}
    {% if odd or '\x00' in header | join %}
        {% set read = encoding_of(file, odd) %}
        {% if read.fault %}{% do return(read) %}{% endif %}
        {% set place = copy_in_utf8(file, read.written_in, true) if read.written_in else file %}
        {% set header = csv_header(place, read.encoding) %}
    {% endif %}
    {% set holds = csv_dialect(header, read.encoding) %}
    {% if read.written_in %}{% do holds.update({'copy_of': file, 'written_in': read.written_in}) %}{% endif %}
    {% if not holds.names %}{% do return({'holds': holds}) %}{% endif %}
    {% set faults = csv_faults(csv_reader(text_literal(place), holds, rejects())) %}
    {% if faults | selectattr('kind', 'equalto', 'UNQUOTED VALUE') | list %}
        {# some databases write \" for a quote in a cell #}
        {% set escaped = {} %}
        {% do escaped.update(holds) %}
        {% do escaped.update({'escape': '\\'}) %}
        {% if not csv_faults(csv_reader(text_literal(place), escaped, rejects())) %}{% do return({'holds': escaped}) %}{% endif %}
    {% endif %}
    {% do return({'holds': holds, 'fault': rows_fault(faults, holds) if faults else none}) %}
{% endmacro %}

{# Files as lines, without any that cannot be read; `whole` where their order does not matter. #}
{% macro lines_of_files(files, encoding, whole=false) %}
    {% do return('read_csv(' ~ files ~ ", columns = {'line': 'VARCHAR'}, auto_detect = false, header = false, strict_mode = false, "
        ~ "comment = '', quote = '', escape = '', delim = chr(1), parallel = " ~ ('true' if whole else 'false')
        ~ ', encoding = ' ~ text_literal(encoding) ~ ', max_line_size = ' ~ longest_line() ~ ", filename = 'pql_file'" ~ rejects() ~ ')') %}
{% endmacro %}

{% macro rejects() %}
    {% do return(", ignore_errors = true, store_rejects = true, rejects_table = 'pql_csv_faults', rejects_scan = 'pql_csv_scans', rejects_limit = 100") %}
{% endmacro %}

{# What a reader finds wrong, [{kind, line, text, message}]. #}
{% macro csv_faults(reader) %}
    {% do run_query('drop table if exists pql_csv_faults; drop table if exists pql_csv_scans') %}
    {% do run_query('select count(columns(*)) from ' ~ reader) %}
    {% set faults = [] %}
    {% for row in run_query('select distinct error_type, line, left(csv_line, 80), error_message from pql_csv_faults order by line').rows %}
        {% do faults.append({'kind': row[0], 'line': row[1], 'text': row[2] | trim, 'message': row[3]}) %}
    {% endfor %}
    {% do return(faults) %}
{% endmacro %}

{# The lines of a header: more than one where a cell of it has line breaks. #}
{% macro csv_header(file, encoding) %}
    {% set header = [] %}
    {% for row in run_query('select line from ' ~ lines_of_files(text_literal(file), encoding) ~ ' limit 50').rows %}
        {% set is_told_the_separator = header | length == 1 and modules.re.fullmatch('sep=.', header[0]) %}
        {% if not header or is_told_the_separator or modules.re.search('(^|[,;|\t])"', unquoted(header | join('\n'))) %}{% do header.append(row[0] or '') %}{% endif %}
    {% endfor %}
    {% do return(header) %}
{% endmacro %}

{# A header without its quoted cells. #}
{% macro unquoted(text) %}
    {% do return(modules.re.sub('(^|[,;|\t]) *"([^"]|"")*" *(?=[,;|\t]|$(?!\n))', '\\1', text)) %}
{% endmacro %}

{# What a header says: what parts the cells (a spreadsheet may say so in a line `sep=;`) and their names, blanks around them left out. #}
{% macro csv_dialect(header, encoding) %}
    {% set said = modules.re.fullmatch('sep=(.)', header[0] or '') if header else none %}
    {% set text, names = (header[1:] if said else header) | join('\n'), [] %}
    {% set delimiters = ([said.group(1)] if said else [',', ';', '\t', '|']) %}
    {% set counts = [] %}
    {% for delimiter in delimiters %}{% do counts.append(unquoted(text).count(delimiter)) %}{% endfor %}
    {% set delimiter = delimiters[counts.index(counts | max)] %}
    {% set cells = '(?:^|{0}) *("(?:[^"]|"")*"(?= *(?:{0}|$(?!\n)))|[^{0}]*)'.format(modules.re.escape(delimiter)) %}
    {% for cell in modules.re.findall(cells, text) %}
        {% set name = modules.re.sub('\\s+', ' ', cell[1:-1] | replace('""', '"') if cell[:1] == '"' else cell) | trim %}
        {% do names.append(name or 'column' ~ loop.index0) %}
    {% endfor %}
    {% do return({'encoding': encoding, 'delimiter': delimiter, 'escape': '"', 'skip': 1 if said else 0, 'names': names if text else []}) %}
{% endmacro %}

{# How a CSV file that is not UTF-8 is written, as the user says. #}
{% macro file_encoding() %}
    {% do return(file_encodings()[pql_raw_config().pql_file_encoding | lower]) %}
{% endmacro %}

{# The names of encodings. What calls itself Latin-1 may be windows-1252, which is that and 27 characters more, such as €. #}
{% macro file_encodings() %}
    {% do return({
        'utf-8': 'utf-8', 'latin-1': 'windows-1252', 'iso-8859-1': 'windows-1252', 'windows-1252': 'windows-1252', 'utf-16': 'utf-16',
    }) %}
{% endmacro %}

{#
    How a file that is not UTF-8 is read: {'encoding': DuckDB's name, 'written_in': where DuckDB reads it only from a copy},
    or the fault for which it is not.
#}
{% macro encoding_of(file, odd) %}
    {% set said, encoding = pql_raw_config().pql_file_encoding, file_encoding() %}
    {% set convert = '`iconv -f ' ~ (said if encoding != 'utf-8' else 'ENCODING') ~ " -t utf-8`, or 'CSV UTF-8' where a spreadsheet saves it" %}
    {% if encoding == 'utf-8' %}
        {% do return({'fault': 'is not UTF-8' ~ (' (line ' ~ odd[0].line ~ ')' if odd) ~ '; say what it is with the variable pql_file_encoding, one of '
            ~ (file_encodings() | reject('equalto', 'utf-8') | join(', ')) ~ ', or convert it: ' ~ convert}) %}
    {% endif %}
    {% set query = 'select hex(content[1:2]), array_to_string(list_sort(list_distinct(regexp_extract_all(' ~ bytes_of_file() ~ ", '([89][0-9A-F]);', 1))), ' ') from read_blob(" ~ text_literal(file) ~ ')' %}
    {% set row = run_query(query).rows[0] %}
    {% set start, bytes = row[0], (row[1] or '').split() %}
    {% set unknown = bytes | reject('in', windows_1252()) | list %}
    {% if start == '1F8B' %}
        {% do return({'fault': 'is not UTF-8, and packed; unpack it: `gunzip`'}) %}
    {% elif encoding == 'utf-16' %}
        {% set order = 'high' if start == 'FEFF' or start[:2] == '00' else 'low' if start[2:] in ['00', 'FE'] %}
        {% set written_in = 'utf-16, ' ~ order ~ ' byte first' %}
        {% if order and run_query('select json_valid(' ~ file_as_json(written_in) ~ ') from read_blob(' ~ text_literal(file) ~ ')').rows[0][0] %}
            {% do return({'encoding': 'utf-8', 'written_in': written_in}) %}
        {% endif %}
        {% do return({'fault': 'is neither UTF-8 nor UTF-16 as pql_file_encoding says; is it windows-1252?'}) %}
    {% elif unknown %}
        {% do return({'fault': 'is not UTF-8, and not ' ~ said ~ ' as pql_file_encoding says: it holds the byte ' ~ unknown[0]
            ~ ' (hexadecimal), which is none there; convert it: ' ~ convert | replace(said, 'ENCODING')}) %}
    {% endif %}
    {% do return({'encoding': 'utf-8', 'written_in': 'windows-1252'} if bytes else {'encoding': 'latin-1'}) %}
{% endmacro %}

{# The bytes of a file, each as `C3;`. #}
{% macro bytes_of_file() %}{% do return("regexp_replace(hex(content), '(..)', '\\1;', 'g')") %}{% endmacro %}

{# The bytes of windows-1252 that are other characters than in Latin-1, each with its character. #}
{% macro windows_1252() %}
    {% do return({
        '80': '20AC', '82': '201A', '83': '0192', '84': '201E', '85': '2026', '86': '2020', '87': '2021', '88': '02C6', '89': '2030',
        '8A': '0160', '8B': '2039', '8C': '0152', '8E': '017D', '91': '2018', '92': '2019', '93': '201C', '94': '201D', '95': '2022',
        '96': '2013', '97': '2014', '98': '02DC', '99': '2122', '9A': '0161', '9B': '203A', '9C': '0153', '9E': '017E', '9F': '0178',
    }) %}
{% endmacro %}

{# The text of a file as a text of JSON, `"\u0041…"`, which DuckDB can read whatever the file is written in. #}
{% macro file_as_json(written_in) %}
    {% set written = namespace(sql="regexp_replace(hex(content), '(..)(..)', '\\\\u" ~ ('\\1\\2' if written_in == 'utf-16, high byte first' else '\\2\\1') ~ "', 'g')") %}
    {% if written_in == 'windows-1252' %}
        {% set written.sql = bytes_of_file() %}
        {% for byte, character in windows_1252().items() %}{% set written.sql = 'replace(' ~ written.sql ~ ", '" ~ byte ~ ";', '" ~ character ~ ":')" %}{% endfor %}
        {% set written.sql = 'regexp_replace(regexp_replace(' ~ written.sql ~ ", '(....):', '\\\\u\\1', 'g'), '(..);', '\\\\u00\\1', 'g')" %}
    {% endif %}
    {% do return("concat('\"', " ~ written.sql ~ ", '\"')") %}
{% endmacro %}

{#
    The place of a file's copy in UTF-8, beside the warehouse; of other encodings DuckDB reads two, and these not wholly. It is
    made where it is missing, or `anew` because the file has changed.
#}
{% macro copy_in_utf8(file, written_in, anew=false) %}
    {% set is_file = target.path and ':' not in target.path[1:] | replace(':\\', '') %}
    {% set place = (target.path if is_file else env_var('TMPDIR', env_var('TEMP', '/tmp')) ~ '/pql') ~ '.' ~ local_md5(file)[:12] ~ '.csv' %}
    {% if anew or not run_query('select 1 from glob(' ~ text_literal(duckdb__glob_escaped(place)) ~ ')').rows %}
        {% set content = 'encode(json_extract_string(' ~ file_as_json(written_in) ~ ", '$'))" %}
        {% do run_query('copy (select ' ~ content ~ ' as content from read_blob(' ~ text_literal(file) ~ ')) to ' ~ text_literal(place) ~ ' (format blob)') %}
    {% endif %}
    {% do return(place) %}
{% endmacro %}

{# What is wrong with rows, with the first three. #}
{% macro rows_fault(faults, holds) %}
    {% set said = [] %}
    {% for fault in faults[:3] %}
        {% set counts = modules.re.findall('[0-9]+', fault.message) %}
        {% do said.append('line ' ~ fault.line ~ (
            ' has ' ~ counts[1] ~ ' cells where the header has ' ~ holds.names | length if fault.kind in ['TOO MANY COLUMNS', 'MISSING COLUMNS'] and counts | length > 1
            else ' has a quote that is not closed, or one in the middle of a quoted cell' if fault.kind == 'UNQUOTED VALUE'
            else ' is longer than ' ~ longest_line() ~ ' bytes' if fault.kind == 'LINE SIZE OVER MAXIMUM'
            else ': ' ~ fault.message) ~ ' (`' ~ fault.text ~ '`)') %}
    {% endfor %}
    {% do return('has ' ~ (faults | length if faults | length < 100 else 'a hundred or more') ~ ' row(s) that cannot be read: ' ~ said | join('; ')
        ~ '. Cells are parted by `' ~ holds.delimiter ~ '` as in the header; write every cell of a row, and put one that holds `'
        ~ holds.delimiter ~ '`, a line break or a quote in quotes, its quotes doubled') %}
{% endmacro %}
