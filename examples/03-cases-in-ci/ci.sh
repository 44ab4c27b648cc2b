#!/bin/sh
# CI 的一步：现场文件有错或用例失败，都以非零退出码结束
# A step of CI: it ends with a non-zero exit code if the site file has mistakes or a case fails
set -eu
cd -- "$(dirname -- "$0")"
hazwatch=${HAZWATCH:-../../run hazwatch}
$hazwatch check site.toml
$hazwatch test site.toml --junit report.xml
