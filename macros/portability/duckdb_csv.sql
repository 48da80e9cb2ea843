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
        {% do selects.append(csv_rows(listed, group.holds, columns, several)) %}
    {% endfor %}
    {% do return({
        'from': '(' ~ selects | join(' union all by name ') ~ ') as pql_rows' if selects else files,
        'columns': columns, 'spellings': several, 'file': 'pql_file',
    }) %}
{% endmacro %}

{# The rows of files that are written alike, each column under the one name that its spellings have. #}
{% macro csv_rows(files, holds, columns, spellings) %}
    {% set selected = ['pql_file'] %}
    {% for column in columns %}
        {% set cells = [] %}
        {% for spelt in spellings.get(column, [column]) %}
            {% for position in range(holds.names | length) if holds.names[position] == spelt %}{% do cells.append('c' ~ position) %}{% endfor %}
        {% endfor %}
        {% if cells %}
            {% do selected.append((cells[0] if cells | length == 1 else 'coalesce(' ~ cells | join(', ') ~ ')') ~ ' as ' ~ identifier(column)) %}
        {% endif %}
    {% endfor %}
    {% do return('select ' ~ selected | join(', ') ~ ' from ' ~ csv_reader(files, holds)) %}
{% endmacro %}

{# DuckDB's reader with all told that it might guess. #}
{% macro csv_reader(files, holds, more='') %}
    {% set cells = [] %}
    {% for name in holds.names %}{% do cells.append("'c" ~ loop.index0 ~ "': 'VARCHAR'") %}{% endfor %}
    {% do return('read_csv(' ~ files ~ ', columns = {' ~ cells | join(', ') ~ '}, auto_detect = false, header = true, skip = ' ~ holds.skip
        ~ ", comment = '', quote = '\"', escape = " ~ text_literal(holds.escape) ~ ', delim = ' ~ text_literal(holds.delimiter)
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
    {% set encoding, fault = 'utf-8', none %}
    {% set odd = csv_faults(lines_of_csv(file, encoding, true)) | selectattr('kind', 'equalto', 'INVALID ENCODING') | list %}
    {% set header = csv_header(file, encoding) %}
    {% if odd or '\x00' in header | join %}
        {% set encoding = file_encoding() %}
        {% set fault = encoding_fault(file, encoding, odd) %}
        {% if fault %}{% do return({'fault': fault}) %}{% endif %}
        {% set header = csv_header(file, encoding) %}
    {% endif %}
    {% set holds = csv_dialect(header, encoding) %}
    {% if not holds.names %}{% do return({'holds': holds}) %}{% endif %}
    {% set faults = csv_faults(csv_reader(text_literal(file), holds, rejects())) %}
    {% if faults | selectattr('kind', 'equalto', 'UNQUOTED VALUE') | list %}
        {# some databases write \" for a quote in a cell #}
        {% set escaped = {} %}
        {% do escaped.update(holds) %}
        {% do escaped.update({'escape': '\\'}) %}
        {% if not csv_faults(csv_reader(text_literal(file), escaped, rejects())) %}{% do return({'holds': escaped}) %}{% endif %}
    {% endif %}
    {% do return({'holds': holds, 'fault': rows_fault(faults, holds) if faults else none}) %}
{% endmacro %}

{# A file as lines, without any that cannot be read. #}
{% macro lines_of_csv(file, encoding, whole=false) %}
    {% do return('read_csv(' ~ text_literal(file) ~ ", columns = {'line': 'VARCHAR'}, auto_detect = false, header = false, strict_mode = false, "
        ~ "comment = '', quote = '', escape = '', delim = chr(1), parallel = " ~ ('true' if whole else 'false')
        ~ ', encoding = ' ~ text_literal(encoding) ~ ', max_line_size = ' ~ longest_line() ~ rejects() ~ ')') %}
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
    {% for row in run_query('select line from ' ~ lines_of_csv(file, encoding) ~ ' limit 50').rows %}
        {% set is_told_the_separator = header | length == 1 and modules.re.match('sep=.\\Z', header[0]) %}
        {% if not header or is_told_the_separator or modules.re.search('(^|[,;|\t])"', unquoted(header | join('\n'))) %}{% do header.append(row[0] or '') %}{% endif %}
    {% endfor %}
    {% do return(header) %}
{% endmacro %}

{# A header without its quoted cells. #}
{% macro unquoted(text) %}
    {% do return(modules.re.sub('(^|[,;|\t]) *"([^"]|"")*" *(?=[,;|\t]|\\Z)', '\\1', text)) %}
{% endmacro %}

{# What a header says: what parts the cells (a spreadsheet may say so in a line `sep=;`) and their names, blanks around them left out. #}
{% macro csv_dialect(header, encoding) %}
    {% set said = modules.re.match('sep=(.)\\Z', header[0] or '') if header else none %}
    {% set text, names = (header[1:] if said else header) | join('\n'), [] %}
    {% set delimiters = ([said.group(1)] if said else [',', ';', '\t', '|']) %}
    {% set counts = [] %}
    {% for delimiter in delimiters %}{% do counts.append(unquoted(text).count(delimiter)) %}{% endfor %}
    {% set delimiter = delimiters[counts.index(counts | max)] %}
    {% set cells = '(?:^|{0}) *("(?:[^"]|"")*"(?= *(?:{0}|\\Z))|[^{0}]*)'.format(modules.re.escape(delimiter)) %}
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

{# The names of encodings, as DuckDB knows them; windows-1252 is latin-1 but for 27 characters. #}
{% macro file_encodings() %}
    {% do return({
        'utf-8': 'utf-8', 'latin-1': 'latin-1', 'iso-8859-1': 'latin-1', 'windows-1252': 'latin-1', 'utf-16': 'utf-16',
    }) %}
{% endmacro %}

{# Why a file that is not UTF-8 cannot be read, none where it can. #}
{% macro encoding_fault(file, encoding, odd) %}
    {% set convert = '`iconv -f ' ~ (pql_raw_config().pql_file_encoding if encoding != 'utf-8' else 'ENCODING') ~ " -t utf-8`, or 'CSV UTF-8' where a spreadsheet saves it" %}
    {% if encoding == 'utf-8' %}
        {% do return('is not UTF-8' ~ (' (line ' ~ odd[0].line ~ ')' if odd) ~ '; say what it is with the variable pql_file_encoding, one of '
            ~ (file_encodings() | reject('equalto', 'utf-8') | join(', ')) ~ ', or convert it: ' ~ convert) %}
    {% endif %}
    {% set query = "select hex(content[1:2]), regexp_extract(cast(content as varchar), '\\\\x([89][0-9A-F])', 1) from read_blob(" ~ text_literal(file) ~ ')' %}
    {% set found = run_query(query).rows[0] %}
    {% if encoding == 'latin-1' and found[1] %}
        {% do return('is not UTF-8, and not ' ~ pql_raw_config().pql_file_encoding ~ ' as pql_file_encoding says, or not such that DuckDB reads it: it holds the byte '
            ~ found[1] ~ ' (hexadecimal), in windows-1252 a character such as € or a curly quote; convert it: ' ~ convert) %}
    {% elif encoding == 'utf-16' and (found[0] == 'FEFF' or found[0][:2] == '00') %}
        {% do return('is UTF-16 with the high byte first, which DuckDB does not read; convert it: `iconv -f utf-16be -t utf-8`') %}
    {% elif encoding == 'utf-16' and found[0][2:] not in ['00', 'FE'] %}
        {% do return('is neither UTF-8 nor UTF-16 as pql_file_encoding says; is it latin-1?') %}
    {% endif %}
    {% do return(none) %}
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
