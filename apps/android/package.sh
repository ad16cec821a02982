# Packages: sourced by build.sh, which sets paths and has compiled.

# The ABI of the app: one, as stores deliver it.
ABI=${ABI:-arm64-v8a}
ANDROID_LIBS=${ANDROID_LIBS:-$project/target/android}
R8=$repository/com/android/tools/r8/8.7.18/r8-8.7.18.jar
JNA=net.java.dev.jna:jna:5.15.0:aar
generated=$project/bindings/kotlin/generated/dev/moue/moue.kt
jdk=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")}

get() {
    mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:get -Dtransitive=false -Dartifact="$1"
}

# R8 itself, and JNA for phones: an AAR of classes and a library for each ABI.
tools() {
    [ -f "$R8" ] || get com.android.tools:r8:8.7.18
    [ -d target/jna ] && return
    get "$JNA"
    mkdir -p target/jna
    unzip -qo "$repository/net/java/dev/jna/jna/5.15.0/jna-5.15.0.aar" -d target/jna
}

r8() {
    java -Xmx1500m -cp "$R8" com.android.tools.r8.R8 --release "$@"
}

# The library for other apps: classes, and the native library of each ABI that is there.
aar() {
    rm -rf target/aar-package
    mkdir -p target/aar-package/jni
    cp -r "$ANDROID_LIBS"/. target/aar-package/jni/
    python3 package.py aar target/aar-package target/library target/moue.aar
    python3 check.py target/moue.aar --bindings "$generated"
}

# Whether the library's rules for R8 keep what native code needs: the shrunk classes run on this machine.
shrunk() {
    libraries
    tools
    rm -rf target/shrunk
    mkdir -p target/shrunk
    kotlinc -module-name shrunk -cp "target/library:$classpath$platform" -d target/shrunk.jar src/shrunk/kotlin
    (cd target/library && jar cf ../library.jar .)
    printf -- '-keep class ShrunkKt { public static void main(java.lang.String[]); }\n' >target/shrunk.pro
    # Android's classes are there for the compiler alone: what draws is not called here.
    r8 --classfile --lib "$jdk" --lib "$platform" --pg-conf app.pro --pg-conf library.pro --pg-conf target/shrunk.pro \
        --output target/shrunk/classes.jar target/shrunk.jar target/library.jar \
        target/lib/jna-5.15.0.jar target/lib/kotlin-stdlib-2.1.0.jar target/lib/kotlinx-coroutines-core-jvm-1.9.0.jar
    # Beside the classes the jar of JNA has its library for this machine.
    unzip -qo target/lib/jna-5.15.0.jar 'com/sun/jna/linux-x86-64/*' -d target/shrunk
    java -Djna.library.path="$NATIVE" -cp target/shrunk/classes.jar:target/shrunk ShrunkKt "$project/tests/conformance/pictures"
}

# What of the libraries belongs to the app: no tests, and JNA's classes for phones.
inputs() {
    local jar name
    for jar in target/lib/*.jar target/aar/*/classes.jar target/aar/*/libs/*.jar; do
        [ -f "$jar" ] || continue
        name=$(basename "${jar#target/}" .jar)
        [[ $jar != target/aar/* ]] || name=$(cut -d/ -f3 <<<"$jar")
        name=${name%-[0-9]*}
        if [ "$name" != jna ] && grep -q "^[^:#]*:$name:.*:compile$" libs.txt; then echo "$jar"; fi
    done
}

# The app: shrunk by R8, libraries stored on pages of 16 KB, signed with a key of its own for trying.
apk() {
    libraries
    tools
    rm -rf target/dex
    mkdir -p target/dex
    (cd target/classes && jar cf ../app.jar .)
    (cd target/library && jar cf ../library.jar .)
    cat target/aar/*/proguard.txt >target/libraries.pro
    printf -- '-printusage usage.txt\n-printseeds seeds.txt\n' >target/reports.pro
    # The JDK stands in for java.*, of which android-all has hardly anything.
    local list
    mapfile -t list < <(inputs)
    r8 --min-api 24 --lib "$jdk" --lib "$platform" --pg-conf app.pro --pg-conf library.pro --pg-conf target/aapt.pro \
        --pg-conf target/libraries.pro --pg-conf target/reports.pro --output target/dex \
        target/app.jar target/library.jar target/jna/classes.jar "${list[@]}"
    local out=target/moue-$ABI.apk
    python3 package.py apk target/unsigned.apk target/app.ap_ target/dex \
        "$ABI=$ANDROID_LIBS/$ABI/libmoue_ffi.so" "$ABI=target/jna/jni/$ABI/libjnidispatch.so"
    sign target/unsigned.apk "$out"
    python3 check.py "$out" --bindings "$generated" --reports target
    if "$aapt2" dump permissions "$out" | grep INTERNET; then
        echo "the app may use the network" >&2
        return 1
    fi
}

sign() {
    rm -f target/key.p12
    keytool -genkeypair -keystore target/key.p12 -storetype PKCS12 -storepass for-trying -alias moue -keyalg RSA \
        -keysize 2048 -validity 30 -dname "CN=moue" 2>/dev/null
    apksigner sign --ks target/key.p12 --ks-pass pass:for-trying --min-sdk-version 24 --out "$2" "$1"
    # An APK that any byte was changed of is refused.
    apksigner verify --verbose --min-sdk-version 24 "$2" | grep -E '^Verifi'
}
