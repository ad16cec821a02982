# Packages: sourced by build.sh, which sets paths and has compiled.

ANDROID_LIBS=${ANDROID_LIBS:-$project/target/android}
R8=$repository/com/android/tools/r8/8.7.18/r8-8.7.18.jar
JNA=net.java.dev.jna:jna:5.15.0:aar

# JNA for phones is an AAR: classes and a library for each ABI.
jna() {
    local copy=org.apache.maven.plugins:maven-dependency-plugin:3.6.1
    [ -d target/jna ] && return
    mvn -q -B $copy:get -Dtransitive=false -Dartifact=$JNA
    mkdir -p target/jna
    unzip -qo "$repository/net/java/dev/jna/jna/5.15.0/jna-5.15.0.aar" -d target/jna
}

# The library for other apps: classes, and the native library of each ABI that is there.
aar() {
    rm -rf target/aar-package
    mkdir -p target/aar-package/jni
    cp -r "$ANDROID_LIBS"/. target/aar-package/jni/
    python3 package.py aar target/aar-package target/library target/moue.aar
    ls -l target/moue.aar
}

# The app: shrunk by R8, libraries stored on pages of 16 KB, signed with a key of its own for trying.
apk() {
    libraries
    jna
    [ -f "$R8" ] || mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:get -Dtransitive=false \
        -Dartifact=com.android.tools:r8:8.7.18
    rm -rf target/dex
    mkdir -p target/dex
    local inputs=() jar
    for jar in target/lib/*.jar target/aar/*/classes.jar target/aar/*/libs/*.jar; do
        # What tests alone need, and JNA's classes for desktops.
        case $jar in
            *robolectric* | *junit* | *hamcrest* | *android-all* | *monitor* | *idling* | *jna-*) continue ;;
        esac
        # Of the plain jars, only those of libs.txt belong to the app.
        if [[ $jar == target/aar/* ]] || grep -q ":$(basename "$jar" .jar | sed 's/-[0-9].*//'):.*:compile$" libs.txt; then
            inputs+=("$jar")
        fi
    done
    (cd target/classes && jar cf ../app.jar .)
    (cd target/library && jar cf ../library.jar .)
    find target/aar -name proguard.txt -exec cat {} + >target/libraries.pro
    # The JDK stands in for java.*, of which android-all has hardly anything.
    java -Xmx1500m -cp "$R8" com.android.tools.r8.R8 --release --min-api 24 --lib "${JAVA_HOME:-/usr/lib/jvm/java-17-openjdk-amd64}" \
        --lib "$platform" --pg-conf app.pro --pg-conf target/aapt.pro --pg-conf target/libraries.pro \
        --pg-map-output target/mapping.txt --output target/dex \
        target/app.jar target/library.jar target/jna/classes.jar "${inputs[@]}"
    python3 package.py apk target/unsigned.apk target/app.ap_ target/dex \
        "arm64-v8a=$ANDROID_LIBS/arm64-v8a/libmoue_ffi.so" "arm64-v8a=target/jna/jni/arm64-v8a/libjnidispatch.so"
    rm -f target/key.p12
    keytool -genkeypair -keystore target/key.p12 -storetype PKCS12 -storepass for-trying -alias moue -keyalg RSA \
        -keysize 2048 -validity 30 -dname "CN=moue" 2>/dev/null
    apksigner sign --ks target/key.p12 --ks-pass pass:for-trying --min-sdk-version 24 --out target/moue.apk target/unsigned.apk
    apksigner verify --verbose --min-sdk-version 24 target/moue.apk | grep -E '^Verifi'
    python3 package.py check target/moue.apk
}
