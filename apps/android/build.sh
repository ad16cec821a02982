#!/usr/bin/env bash
# Builds and tests the Android app without Gradle and without an SDK: libraries and compiler by Maven, resources
# by aapt2, tests under Robolectric with the library of this machine.
#
#   build.sh [compile|test [CLASS …]|shrunk|aar|apk]
#
# Needs a JDK 17, Maven and aapt2 (Debian: openjdk-17-jdk-headless maven aapt), and what `cargo xtask bindings` writes.
# Offline once everything is fetched. NATIVE is the folder of this machine's libmoue_ffi.so; aar and apk take the
# Android libraries from ANDROID_LIBS, which has a folder for each ABI.
set -euo pipefail
cd "$(dirname "$0")"
project=$(cd ../.. && pwd)
repository=${MAVEN_REPO:-$HOME/.m2/repository}
NATIVE=${NATIVE:-$project/target/release}
aapt2=${AAPT2:-aapt2}
# Resources are linked against 14, which Debian's aapt2 reads; tests run on 15.
PLATFORM=14-robolectric-10818077
INSTRUMENTED=15-robolectric-12650502-i7
platform=$repository/org/robolectric/android-all/$PLATFORM/android-all-$PLATFORM.jar
instrumented=$repository/org/robolectric/android-all-instrumented/$INSTRUMENTED

fetch() {
    local copy=org.apache.maven.plugins:maven-dependency-plugin:3.6.1
    python3 pom.py
    [ -d target/lib ] || mvn -q -B -f target/libs.xml $copy:copy-dependencies -DoutputDirectory="$PWD/target/lib"
    [ -d target/kotlinc ] || mvn -q -B -f target/kotlinc.xml $copy:copy-dependencies -DoutputDirectory="$PWD/target/kotlinc"
    [ -f "$platform" ] || mvn -q -B $copy:get -Dtransitive=false -Dartifact=org.robolectric:android-all:$PLATFORM
    [ -d "$instrumented" ] || mvn -q -B $copy:get -Dtransitive=false -Dartifact=org.robolectric:android-all-instrumented:$INSTRUMENTED
}

# Classes, resources and R packages of the AARs: sets classpath, packages, resources.
libraries() {
    classpath=$(printf '%s:' target/lib/*.jar) packages='' resources=()
    local aar folder jar
    for aar in target/lib/*.aar; do
        folder=target/aar/$(basename "$aar" .aar)
        if ! [ -d "$folder" ]; then mkdir -p "$folder"; unzip -qo "$aar" -d "$folder"; fi
        for jar in "$folder"/classes.jar "$folder"/libs/*.jar; do
            if [ -f "$jar" ]; then classpath+=$jar:; fi
        done
        if [ -n "$(ls -A "$folder/res" 2>/dev/null)" ]; then
            [ -f "$folder/res.zip" ] || "$aapt2" compile --dir "$folder/res" -o "$folder/res.zip"
            resources+=(-R "$folder/res.zip")
        fi
        if [ -s "$folder/R.txt" ]; then
            packages+=$(sed -n 's/.*package="\([^"]*\)".*/\1/p' "$folder/AndroidManifest.xml" | head -1):
        fi
    done
}

kotlinc() {
    java -Xmx1500m -cp "target/kotlinc/*" org.jetbrains.kotlin.cli.jvm.K2JVMCompiler \
        -no-stdlib -no-reflect -jvm-target 11 -nowarn "$@"
}

compile() {
    fetch
    libraries
    rm -rf target/r target/library target/classes
    mkdir -p target/r target/library target/classes
    # The library: what the AAR has.
    local bindings=$project/bindings/kotlin
    kotlinc -module-name moue -cp "$classpath$platform" -d target/library \
        "$bindings/generated" "$bindings/src/main/kotlin" "$bindings/src/android/kotlin"
    "$aapt2" compile --dir src/main/res -o target/res.zip
    "$aapt2" link -I "$platform" --manifest src/main/AndroidManifest.xml --auto-add-overlay --non-final-ids \
        --proguard target/aapt.pro --extra-packages "${packages%:}" --java target/r -o target/app.ap_ \
        "${resources[@]}" -R target/res.zip
    javac -nowarn --release 11 -d target/classes $(find target/r -name '*.java')
    kotlinc -module-name app -Xplugin="$(ls target/kotlinc/kotlin-compose-compiler-plugin-embeddable-*.jar)" \
        -Xfriend-paths="$PWD/target/library" -cp "target/classes:target/library:$classpath$platform" \
        -d target/classes src/main/kotlin
}

test_app() {
    libraries
    rm -rf target/test-classes
    mkdir -p target/test-classes target/screens
    kotlinc -module-name app-test -Xfriend-paths="$PWD/target/classes" \
        -cp "target/classes:target/library:$classpath$platform" -d target/test-classes src/test/kotlin
    local tests=("$@")
    if [ ${#tests[@]} = 0 ]; then
        tests=($(cd src/test/kotlin && find . -name '*Test.kt' | sed 's|^\./||; s|\.kt$||; s|/|.|g' | sort))
    fi
    # Robolectric's ImageReader opens a field of java.io.
    java -Xmx2g -XX:TieredStopAtLevel=1 --add-opens java.base/java.io=ALL-UNNAMED -Djna.library.path="$NATIVE" -Drobolectric.offline=true \
        -Drobolectric.dependency.dir="$instrumented" -Dmoue.conformance="$project/tests/conformance" \
        -cp "target/classes:target/library:target/test-classes:src/test/resources:$classpath$platform" \
        org.junit.runner.JUnitCore "${tests[@]}"
}

case ${1-all} in
    compile) compile ;;
    test) shift; test_app "$@" ;;
    aar | apk | shrunk) . ./package.sh; "$1" ;;
    all) compile; test_app ;;
    *) echo "build.sh [compile|test|shrunk|aar|apk]" >&2; exit 2 ;;
esac
