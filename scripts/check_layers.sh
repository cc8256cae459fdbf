#!/usr/bin/env bash
# Who may include what: this table is the law, and a new exception is a new line here with its
# reason in the commit. Includes go down only: jobs -> pipeline -> kernels.
set -uf
cd "$(dirname "$0")/.." || exit 2

# folder : folders it may include besides itself : external headers (regex) besides libc
rules='
kernels/base      :                                   :
kernels/*         : kernels/base                      :
pipeline/base     : kernels/base                      : openssl/evp.h
pipeline/config   : pipeline/base                     : yaml.h|jansson.h
pipeline/grid     : pipeline/base                     :
pipeline/ledger   : pipeline/base                     : sqlite3.h
pipeline/io       : pipeline/base pipeline/grid pipeline/config kernels/base kernels/resample kernels/mask kernels/zonal kernels/forest kernels/accuracy : gdal.*\.h|ogr_.*\.h|cpl_.*\.h|proj.h|geodesic.h|tiffio.h|hdf5.h|geos_c.h|libdeflate.h
pipeline/catalogue: pipeline/base pipeline/grid pipeline/io pipeline/config : 
pipeline/demo     : pipeline/base pipeline/config pipeline/grid pipeline/io kernels/* : 
pipeline/stages   : pipeline/base pipeline/config pipeline/grid kernels/* : 
pipeline/publish  : pipeline/base pipeline/config pipeline/grid pipeline/io pipeline/ledger : jansson.h
pipeline/run      : pipeline/* kernels/*              : omp.h|jansson.h
pipeline          : pipeline/base pipeline/run pipeline/demo pipeline/config :
jobs              : pipeline pipeline/base            : jansson.h
'
libc='assert|complex|ctype|dirent|errno|fcntl|float|getopt|inttypes|langinfo|limits|locale|math|poll|pthread|pwd|sched|signal|spawn|stdalign|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|string|strings|sys/[a-z_/]+|time|unistd'
kernel_libc='assert|float|limits|math|stdbool|stddef|stdint|string'
bad=0

allowed() { # folder header -> 0 if the table lets it
    local folder=$1 header=$2 line key dirs ext
    while IFS=: read -r key dirs ext; do
        key=$(echo $key); [ -n "$key" ] || continue
        # shellcheck disable=SC2254
        case $folder in $key) ;; *) continue ;; esac
        if [[ $header == */* && -f $header ]]; then
            local target=${header%/*} dir
            [ "$target" = "$folder" ] && return 0
            for dir in $dirs; do
                # shellcheck disable=SC2254
                case $target in $dir) return 0 ;; esac
            done
            return 1
        fi
        local plain=${header%.h}
        case $folder in
            kernels/*) [[ $plain =~ ^($kernel_libc)$ ]] && return 0 ;;
            *) [[ $plain =~ ^($libc)$ ]] && return 0 ;;
        esac
        ext=$(echo $ext)
        [ -n "$ext" ] && [[ $header =~ ^($ext)$ ]] && return 0
        return 1
    done <<<"$rules"
    return 1
}

while IFS= read -r file; do
    folder=${file%/*}
    while IFS= read -r header; do
        if ! allowed "$folder" "$header"; then
            echo "$file: may not include \"$header\" (see scripts/check_layers.sh)"
            bad=1
        fi
    done < <(sed -nE 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]([^>"]+)[>"].*/\1/p' "$file")
done < <(find kernels pipeline jobs -name '*.[ch]' | sort)
[ $bad = 0 ] && echo "layers: every include goes down"
exit $bad
